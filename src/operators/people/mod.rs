//! All accounts, as operators see them from outside: ending their sign-ins, suspending one, and
//! starting a new password for it. What somebody does inside an organization is seen there alone.

mod command;
mod everybody;
mod help;
mod list;
mod model;
mod show;
mod sql;
mod suspend;

pub use command::{ask_for_help, call_off_help, end_everybodys_sign_ins, end_sign_ins_of};
pub use everybody::{confirm as confirm_everybody, end as end_everybody};
pub use help::{ask as ask_help, confirm as confirm_help, stop as stop_help};
pub(super) use list::PATH;
pub use list::index;
pub use show::{end_sign_ins, reset, show};
pub use suspend::{confirm as confirm_suspend, reactivate, suspend};
