//! Roles in a project: reader, contributor, lead.

use crate::platform::audit::ToldField;
use crate::platform::words::words;

words! {
    /// What someone may do in a project; each includes what stands before it.
    pub enum ProjectRole, "Choose one of the project's roles." {
        /// Sees it.
        Reader = "reader", "Reader";
        /// Works on its tasks and comments.
        Contributor = "contributor", "Contributor";
        /// Changes the project itself, and who belongs to it.
        Lead = "lead", "Lead";
    }
}

impl ProjectRole {
    /// What it does not include, in words that follow "does not let you".
    pub const fn does(self) -> &'static str {
        match self {
            Self::Reader => "see it",
            Self::Contributor => "work on it",
            Self::Lead => "change it or who belongs to it",
        }
    }
}

inventory::submit!(ToldField {
    kind: "project_member",
    field: "role",
    name: "Role",
    label: |word| word.parse::<ProjectRole>().ok().map(|role| role.label().to_owned()),
});
