//! Roles in a project: reader, contributor, lead.

use std::fmt;
use std::str::FromStr;

/// What somebody may do in a project; each includes what stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ProjectRole {
    /// Sees it.
    Reader,
    /// Works on its tasks and comments.
    Contributor,
    /// Changes the project itself, and who belongs to it.
    Lead,
}

impl ProjectRole {
    /// All of them, the mightiest first.
    pub const ALL: [Self; 3] = [Self::Lead, Self::Contributor, Self::Reader];

    /// Its word in forms and the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Contributor => "contributor",
            Self::Lead => "lead",
        }
    }

    /// Its name for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Reader => "Reader",
            Self::Contributor => "Contributor",
            Self::Lead => "Lead",
        }
    }

    /// What it does not include, in words that follow "does not let you".
    pub const fn does(self) -> &'static str {
        match self {
            Self::Reader => "see it",
            Self::Contributor => "work on it",
            Self::Lead => "change it or who belongs to it",
        }
    }

    /// Whether this is `other`.
    pub fn is(&self, other: &Self) -> bool {
        self == other
    }
}

impl fmt::Display for ProjectRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for ProjectRole {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|role| role.word() == word);
        known.ok_or_else(|| "Choose one of the project's roles.".to_owned())
    }
}

crate::platform::db::text_column!(ProjectRole);
