//! Tasks: what is to be done in a project, in its order, and by whom.

mod assignment;
mod change;
mod edit;
mod form;
mod list;
mod model;
mod order;
mod section;
mod show;
mod sql;

pub use assignment::ASSIGNMENT_JOB;
pub use change::{archive, delete, restore, unarchive};
pub use edit::{edit, update};
pub use form::TEXT_LENGTH;
pub use list::index;
pub use model::{Priority, Status, Task};
pub use order::move_task;
pub use section::{create, set_status};
pub use show::show;

pub(crate) use section::Section;
pub(crate) use sql::{Next, Seed, live, next_of, seed};
