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
    /// Accounts that their holders have deleted.
    Deleted,
}

impl Status {
    /// Those of organizations, as the filter offers them: none is listed after its end.
    pub const OF_ORGANIZATIONS: &[Self] = &[Self::Any, Self::Active, Self::Suspended];

    /// Those of accounts, as the filter offers them. What a deleted one has left behind is listed.
    pub const OF_ACCOUNTS: &[Self] = &[Self::Any, Self::Active, Self::Suspended, Self::Deleted];

    /// Its word in the URL and the statement.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deleted => "deleted",
        }
    }

    /// What the filter calls it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Any => "Every status",
            Self::Active => "Active",
            Self::Suspended => "Suspended",
            Self::Deleted => "Deleted",
        }
    }

    /// The one of `offered` with this word; all for any other.
    pub fn from_word(word: &str, offered: &[Self]) -> Self {
        offered.iter().copied().find(|status| status.word() == word).unwrap_or_default()
    }
}
