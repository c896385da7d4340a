//! Clients: the parties that an organization works for.

mod list;
mod model;
pub mod noun;
mod seed;

pub use model::{Client, TEXT_LENGTH};
pub(crate) use seed::{Seed, seed};

use crate::platform::module::Section;

/// Its section of the navigation.
pub const SECTION: Section =
    Section { path: "/clients", label: "Clients", icon: "briefcase", place: 30, needs: None };
