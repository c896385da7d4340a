//! What people make, change, archive and delete: the shape that all of it has in common.
//!
//! A feature declares its row with [`record!`](record::record): from that come its columns and the
//! statements that find, insert and update it. [`command`] changes rows, and knows no page; [`edit`]
//! is the page of a form, and calls a command; [`life`] archives, deletes and restores.

pub mod actions;
pub mod command;
pub mod edit;
pub mod life;
pub(crate) mod pages;
pub(crate) mod record;

pub use command::Refusal;
pub use record::Record;
