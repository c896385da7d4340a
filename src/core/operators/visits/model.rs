//! What an operator has to state before a visit.

use crate::core::operators::noun;
use crate::core::operators::reason::REASON_LENGTH;
use crate::platform::audit::Object;
use crate::platform::ids::VisitId;
use crate::platform::text::sentences;

/// The shortest reason to enter, in characters: a single word is not enough.
const REASON_TO_ENTER: usize = 10;
/// The possible lengths of a visit, in minutes.
pub(super) const MINUTES: [i64; 3] = [15, 30, 60];

/// A visit, as an object in the organization's audit log.
pub(super) fn object(id: VisitId, organization: &str) -> Object {
    Object::new(noun::VISIT_KIND, id.uuid(), organization)
}

/// Parses the operator's reason to enter, which the organization's audit log keeps.
pub(super) fn reason_to_enter(typed: &str) -> Result<String, String> {
    let words = "Enter a reason of 10 to 500 characters. The organization's audit log keeps it.";
    let reason = sentences(typed, REASON_LENGTH, words)?;
    if reason.chars().count() < REASON_TO_ENTER { Err(words.to_owned()) } else { Ok(reason) }
}

/// Parses the length of a visit, in minutes.
pub(super) fn minutes(typed: &str) -> Result<i64, String> {
    let known = MINUTES.into_iter().find(|minutes| minutes.to_string() == typed);
    known.ok_or_else(|| "Choose 15, 30 or 60 minutes.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_to_enter_is_ten_to_five_hundred_characters() {
        assert_eq!(reason_to_enter(" Ticket 42:\r\n no mail ").unwrap(), "Ticket 42: no mail");
        for wrong in ["", "because", "         x", &"x".repeat(501), "a\u{202E}bcdefghijkl"] {
            assert!(reason_to_enter(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_visit_lasts_an_hour_at_most() {
        assert_eq!(minutes("60"), Ok(60));
        for wrong in ["", "0", "61", "600", "-15", "15 ", "1e2"] {
            assert!(minutes(wrong).is_err(), "{wrong:?}");
        }
    }
}
