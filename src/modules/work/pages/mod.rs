//! The pages that combine several features: a client with its projects, a project with its tasks
//! and comments, a task with its comments.

mod activity;
mod add_task;
mod client;
mod new_task;
mod project;
mod set_task;
mod task;

pub use activity::show as activity;
pub use add_task::{create as add_task, show as task_form};
pub use client::show as client;
pub use new_task::create as new_task;
pub use project::show as project;
pub use set_task::update as set_task;
pub use task::{menu as task_menu, show as task};
