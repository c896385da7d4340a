//! The audit log: what was done, by whom, to what, written in the transaction that does it.
//!
//! A feature says what it does with [`OrgTx::record`](crate::platform::tenant::OrgTx::record); the
//! entries are appended to the organization's chain just before the commit, because a chain has one
//! end and whoever appends to it makes all others wait. A transaction that changed something and
//! recorded nothing cannot be committed. What belongs to no organization, like signing in, goes to
//! the chain of [`OrganizationId::OUTSIDE`](crate::platform::ids::OrganizationId::OUTSIDE).

pub mod action;
pub mod chain;
mod entry;
mod field;
mod journal;
pub mod object;
pub mod refusals;
mod thing;
pub mod upkeep;

pub(crate) use action::actions;
pub use action::{Action, Phrase};
pub use entry::{ActorKind, Details, Entry, Who};
pub use field::{ToldField, told};
pub(in crate::platform) use journal::Journal;
pub(crate) use object::kinds;
pub use object::{Object, ObjectKind};
pub use thing::{Thing, Whereabouts};
