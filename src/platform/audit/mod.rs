//! The audit log: who did what to what, written in the same transaction as the change.
//!
//! A feature records what it does with [`OrgTx::record`](crate::platform::tenant::OrgTx::record).
//! The entries are appended to the organization's chain just before the commit, because a chain has
//! only one end, and appending makes all others wait. A transaction that has changed something and
//! recorded nothing cannot be committed. Entries that belong to no organization, such as signing
//! in, go to the chain of
//! [`OrganizationId::OUTSIDE`](crate::platform::ids::OrganizationId::OUTSIDE).

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
pub(crate) use field::fields;
pub use field::{Field, Recorded, Shown, label, shown, told};
pub(in crate::platform) use journal::Journal;
pub(crate) use object::kinds;
pub use object::{Object, ObjectKind};
pub use thing::{About, Thing, Whereabouts, case_by_kind};
