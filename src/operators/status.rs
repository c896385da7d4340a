//! By which standing the lists of operators are filtered.

/// Which organizations, or accounts, a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Status {
    /// All of them.
    #[default]
    Any,
    /// Those that are in use.
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
