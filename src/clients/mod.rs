//! Clients: for whom an organization works.

mod change;
mod edit;
mod list;
mod model;
mod show;
mod sql;

pub use change::{archive, delete, restore, unarchive};
pub use edit::{create, edit, new, update};
pub use list::index;
pub use model::TEXT_LENGTH;
pub use show::show;
pub(crate) use sql::{Choice, choices, exists, seed};
