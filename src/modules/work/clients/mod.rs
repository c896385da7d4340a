//! Clients: for whom an organization works.

mod change;
mod edit;
mod list;
mod model;
pub mod noun;
mod sql;

pub use change::{archive, delete, restore, unarchive};
pub use edit::{create, edit, new, update};
pub use list::index;
pub(crate) use model::Client;
pub use model::TEXT_LENGTH;
pub(crate) use sql::{Choice, choices, exists, find, seed};

use crate::platform::module::Section;

/// Its section of the navigation.
pub const SECTION: Section =
    Section { path: "/clients", label: "Clients", icon: "briefcase", place: 30, needs: None };
