//! Comments on projects and tasks, and mentions of people in them.

mod change;
mod commands;
mod edit;
mod mention;
mod model;
mod notice;
pub mod noun;
mod preview;
mod seed;
mod sql;
mod thread;

pub use change::{delete, restore};
pub use edit::{create_on_project, create_on_task, edit, update};
pub use model::BODY_LENGTH as TEXT_LENGTH;
pub use preview::preview;

pub(crate) use preview::mention_hint;
pub(crate) use seed::seed;
pub(crate) use thread::{Thread, ThreadParams};
