//! What the list of people is sorted and filtered by.

use crate::platform::web::pager::KeyKind;

/// Which accounts the list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Status {
    /// All of them.
    #[default]
    Any,
    /// Those that can be signed in to.
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
