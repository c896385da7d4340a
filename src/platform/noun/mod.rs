//! What people create, change, archive and delete, and what all of it has in common.
//!
//! A feature declares its row with [`record!`](record::record), which generates its columns and the
//! statements that find, insert and update it. [`command`] changes rows, and knows nothing about
//! pages; [`edit`] is the page with the form, and calls a command; [`life`] archives, deletes and
//! restores.

pub mod actions;
pub mod command;
pub mod edit;
pub(crate) mod form;
pub mod life;
pub(crate) mod pages;
pub(crate) mod record;
pub(crate) mod routes;

pub use command::Refusal;
pub use record::Record;
