//! Operators: whoever runs the installation sees every organization from outside, can suspend it,
//! and enters it only for a written reason and a short time.

mod command;
mod enter;
mod list;
mod model;
mod sql;
mod suspend;

pub use command::{OperatorCommand, run};
pub use enter::{ask as ask_to_enter, end as end_visit, enter};
pub use list::index;
pub use suspend::{confirm as confirm_suspend, reactivate, suspend};
