//! The reasons that operators have to give.

use crate::platform::text::sentences;

/// The longest reason, in characters.
pub(super) const REASON_LENGTH: usize = 500;

/// Parses the reason for a suspension, which the people concerned will read; `words` is the error
/// if it is missing.
pub(super) fn reason_to_suspend(typed: &str, words: &str) -> Result<String, String> {
    sentences(typed, REASON_LENGTH, words)
}
