//! What people create, change, archive and delete, and what all of it has in common.
//!
//! A feature declares its row with [`record!`](record::record), which generates its columns and the
//! statements that find, insert and update it. [`command`] changes rows, and knows nothing about
//! pages; [`edit`] is the page with the form, and calls a command; [`life`] archives, deletes and
//! restores; [`link`] puts rows of one noun on those of another; [`place`] is who may do all that,
//! where; [`plain`] makes the pages of nouns that need no others.

pub mod actions;
pub mod command;
pub(crate) mod declare;
pub mod edit;
pub(crate) mod form;
pub mod life;
pub mod link;
pub mod place;
pub mod plain;
pub(crate) mod prelude;
pub(crate) mod record;

pub use command::Refusal;
pub use record::Record;
