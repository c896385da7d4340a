//! Why an operator does something, in their own words.

use crate::platform::text::sentences;

/// The longest reason.
pub(super) const REASON_LENGTH: usize = 500;

/// Why something is suspended, as the people concerned read it; `words` ask for it.
pub(super) fn reason_to_suspend(typed: &str, words: &str) -> Result<String, String> {
    sentences(typed, REASON_LENGTH, words)
}
