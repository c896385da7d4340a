//! Roles in a project: reader, contributor, lead.

use crate::platform::audit::{Field, Recorded};
use crate::platform::words::words;

words! {
    /// A role in a project; each includes those before it.
    pub enum ProjectRole, "Choose a role." {
        /// Can read it.
        Reader = "reader", "Reader";
        /// Can work on its tasks and comments.
        Contributor = "contributor", "Contributor";
        /// Can change the project itself, and its members.
        Lead = "lead", "Lead";
    }
}

impl ProjectRole {
    /// The role within a sentence, with its article.
    pub fn in_words(self) -> String {
        format!("a {}", self.label().to_lowercase())
    }

    /// What a lower role lacks, in words that follow "does not let you".
    pub const fn does(self) -> &'static str {
        match self {
            Self::Reader => "see it",
            Self::Contributor => "work on it",
            Self::Lead => "change it or its members",
        }
    }
}

inventory::submit!(Field {
    kind: "project_member",
    name: "role",
    shown: ProjectRole::SHOWN,
    is_told: true,
});
