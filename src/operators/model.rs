//! What the list is sorted and filtered by, and what an operator has to say first.

use crate::platform::text::sentences;
use crate::platform::web::pager::KeyKind;

/// The longest reason.
const REASON_LENGTH: usize = 500;
/// The shortest reason to enter: a word is none.
const REASON_TO_ENTER: usize = 10;
/// How long a visit may last, in minutes.
pub(super) const MINUTES: [i64; 3] = [15, 30, 60];

/// Why an organization is suspended, as its people read it, or what is wrong with it.
pub(super) fn reason_to_suspend(typed: &str) -> Result<String, String> {
    sentences(typed, REASON_LENGTH, "Say why. The people of the organization read it.")
}

/// Why an operator enters, as the organization's audit log keeps it, or what is wrong with it.
pub(super) fn reason_to_enter(typed: &str) -> Result<String, String> {
    let words = "Say why, in 10 to 500 characters. The organization's audit log keeps it.";
    let reason = sentences(typed, REASON_LENGTH, words)?;
    if reason.chars().count() < REASON_TO_ENTER { Err(words.to_owned()) } else { Ok(reason) }
}

/// How long a visit lasts, or what is wrong with it.
pub(super) fn minutes(typed: &str) -> Result<i64, String> {
    let known = MINUTES.into_iter().find(|minutes| minutes.to_string() == typed);
    known.ok_or_else(|| "Choose 15, 30 or 60 minutes.".to_owned())
}

/// Which organizations the list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Status {
    /// All of them.
    #[default]
    Any,
    /// Those that work.
    Active,
    /// Those that are suspended.
    Suspended,
}

impl Status {
    /// All of them, as the filter offers them.
    pub const ALL: [Self; 3] = [Self::Any, Self::Active, Self::Suspended];

    /// Its word in the URL and the statement.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }

    /// What the filter calls it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Any => "Every status",
            Self::Active => "Active",
            Self::Suspended => "Suspended",
        }
    }

    /// The status with this word; all for any other.
    pub fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|status| status.word() == word).unwrap_or_default()
    }
}

/// What the list is sorted by; each has the direction that people expect of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sort {
    /// By name, from A.
    #[default]
    Name,
    /// By the number of members, the largest first.
    Members,
    /// By the last activity, the most recent first.
    Active,
    /// By the day they were created, the newest first.
    Created,
}

impl Sort {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Name, Self::Members, Self::Active, Self::Created];

    /// Its word in the URL.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Members => "members",
            Self::Active => "active",
            Self::Created => "created",
        }
    }

    /// The heading of its column.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Name => "Organization",
            Self::Members => "Members",
            Self::Active => "Last activity",
            Self::Created => "Created",
        }
    }

    /// `ascending` or `descending`, as `aria-sort` says it.
    pub const fn direction(self) -> &'static str {
        match self {
            Self::Name => "ascending",
            Self::Members | Self::Active | Self::Created => "descending",
        }
    }

    /// What kind of key its rows are sorted by.
    pub const fn key_kind(self) -> KeyKind {
        match self {
            Self::Name => KeyKind::Text,
            Self::Members => KeyKind::Number,
            Self::Active | Self::Created => KeyKind::Time,
        }
    }

    /// The sort with this word; the first one for any other.
    pub fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|sort| sort.word() == word).unwrap_or_default()
    }
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
