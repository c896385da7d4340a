//! What the list is sorted by.

use crate::platform::web::pager::KeyKind;

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

    /// Whether the greatest comes first.
    pub const fn is_descending(self) -> bool {
        !matches!(self, Self::Name)
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
