//! Pictures of people: sent on the account's page, redrawn by [`crate::platform::pictures`], kept
//! in the database, and shown to the person and to those who share an organization with them.

mod edit;
pub mod noun;
mod show;
mod sql;

pub use edit::{remove, update};
pub use show::{of_member, own};

/// How long a form with a picture may be: the file, and what stands around it.
pub const MAX_FORM_BYTES: usize = crate::platform::pictures::MAX_BYTES + 16 * 1024;
