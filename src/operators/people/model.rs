//! What the list of people is sorted by.

use crate::platform::web::pager::KeyKind;

/// What the list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sort {
    /// By name, from A.
    #[default]
    Name,
    /// By the day they signed up, the newest first.
    Created,
}

impl Sort {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Name, Self::Created];

    /// Its word in the URL.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Name => "",
            Self::Created => "created",
        }
    }

    /// What kind of key its rows are sorted by.
    pub const fn key_kind(self) -> KeyKind {
        match self {
            Self::Name => KeyKind::Text,
            Self::Created => KeyKind::Time,
        }
    }

    /// Whether it begins with the greatest key.
    pub const fn is_descending(self) -> bool {
        matches!(self, Self::Created)
    }

    /// The sort with this word; the first one for any other.
    pub fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|sort| sort.word() == word).unwrap_or_default()
    }
}
