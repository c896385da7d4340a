//! Clients: the parties that an organization works for.

mod edit;
mod list;
mod model;
pub mod noun;
mod sql;

pub use edit::{archive, create, delete, edit, new, restore, unarchive, update};
pub use list::index;
pub(crate) use model::Client;
pub use model::TEXT_LENGTH;
pub(crate) use sql::{Choice, choices, exists, seed};

use crate::platform::module::Section;

/// Its section of the navigation.
pub const SECTION: Section =
    Section { path: "/clients", label: "Clients", icon: "briefcase", place: 30, needs: None };
