//! The data of an account, parsed once at the boundary.

use crate::platform::links::name_without_link;
use crate::platform::text::line_of_text;

/// The longest name, in characters.
const NAME_LENGTH: usize = 100;

/// Parses a person's name; the error is a message for them.
pub fn person_name(typed: &str) -> Result<String, String> {
    name_without_link(line_of_text(typed, NAME_LENGTH, "Enter a name.")?)
}
