//! Operators, who run the installation. They see every organization from outside, can suspend it,
//! and enter it only for a written reason and a short time. They also see every account from
//! outside, can end its sign-ins, suspend it, and start setting a new password for it.

pub mod checkup;
mod command;
pub mod first;
mod index;
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

/// The operators' pages, as listed in their navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    /// All organizations.
    Organizations,
    /// All accounts.
    People,
    /// The state of the installation.
    System,
}

impl Tab {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Organizations, Self::People, Self::System];

    /// Its path.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Organizations => organizations::PATH,
            Self::People => people::PATH,
            Self::System => system::PATH,
        }
    }

    /// Its label in the navigation.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Organizations => "Organizations",
            Self::People => "People",
            Self::System => "System",
        }
    }
}
