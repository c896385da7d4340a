//! Operators, who run the installation: they see every organization from outside, can suspend it,
//! and enters it only for a written reason and a short time; and sees every account from outside,
//! can end its sign-ins, suspend it, and start a new password for it.

pub mod checkup;
mod command;
pub mod first;
pub mod noun;
pub mod organizations;
pub mod people;
mod reason;
mod sql;
mod status;
pub mod system;
pub mod visits;

pub use command::{OperatorCommand, run};
pub(crate) use sql::{count, revoke};
pub(crate) use visits::end_visits;

/// The pages of operators, as their navigation names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    /// All organizations.
    Organizations,
    /// All accounts.
    People,
    /// How the installation is doing.
    System,
}

impl Tab {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Organizations, Self::People, Self::System];

    /// Where it is.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Organizations => organizations::PATH,
            Self::People => people::PATH,
            Self::System => system::PATH,
        }
    }

    /// What the navigation calls it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Organizations => "Organizations",
            Self::People => "People",
            Self::System => "System",
        }
    }
}
