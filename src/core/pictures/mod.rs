//! Pictures of people: uploaded on the account page, redrawn by [`crate::platform::pictures`],
//! stored in the database, and shown to the person and to the members of their organizations.

mod commands;
mod edit;
pub mod noun;
mod show;
mod sql;

pub use edit::{remove, update};
pub use show::{of_member, own};

/// The largest form with a picture, in bytes: the file, and the rest of the form.
pub const MAX_FORM_BYTES: usize = crate::platform::pictures::MAX_BYTES + 16 * 1024;
