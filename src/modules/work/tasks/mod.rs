//! Tasks: what has to be done in a project, in which order, and by whom.

mod assignment;
mod board;
mod commands;
mod edit;
mod form;
mod held;
mod layout;
mod list;
mod model;
pub mod noun;
mod order;
mod seed;
mod sql;

pub use board::{NewTask, View, move_task};
pub use edit::{archive, delete, edit, restore, unarchive, update};
pub use form::{TEXT_LENGTH, TaskForm};
pub use list::index;
pub use model::{Direction, Priority, Status, Task};

pub(crate) use assignment::find_assignee;
pub(crate) use board::{Board, answer};
pub(crate) use commands::{Changes, change, create};
pub(crate) use seed::{Seed, seed, seed_change};
pub(crate) use sql::live;

use crate::platform::module::Section;

/// Its section of the navigation.
pub const SECTION: Section =
    Section { path: "/tasks", label: "Tasks", icon: "list-checks", place: 20, needs: None };
