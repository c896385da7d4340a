//! Projects: what an organization works on, and their members.

mod code;
mod commands;
mod edit;
mod form;
mod list;
mod members;
pub mod noun;
mod people;
mod seed;
mod sql;

pub use edit::{archive, create, delete, edit, new, restore, unarchive, update};
pub use form::TEXT_LENGTH;
pub use list::index;
pub(crate) use members::{MemberRow, list as list_members};
pub use members::{
    add as add_member, change as change_member, index as members, remove as remove_member,
};
pub use people::people;

pub(crate) use people::PEOPLE;
pub(crate) use seed::{Seed, seed};
pub(crate) use sql::{ProjectSummary, choices, of_client};

use crate::platform::module::Section;

/// Its section of the navigation.
pub const SECTION: Section =
    Section { path: "/projects", label: "Projects", icon: "folder", place: 10, needs: None };
