//! What an account is made of, parsed once at the door.

use crate::platform::links::name_without_link;
use crate::platform::text::line_of_text;

/// The longest name.
const NAME_LENGTH: usize = 100;

/// A person's name as they write it, or the error.
pub fn person_name(typed: &str) -> Result<String, String> {
    name_without_link(line_of_text(typed, NAME_LENGTH, "Enter a name.")?)
}
