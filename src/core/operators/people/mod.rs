//! All accounts, as operators see them from outside, on their pages and on the command line:
//! creating and confirming one, ending its sign-ins, suspending it, and starting to set a new
//! password for it. What people do inside an organization is only visible there.

mod acts;
mod ask;
mod command;
mod commands;
mod everybody;
mod help;
mod list;
mod show;
mod sql;
mod suspend;
mod told;

pub use command::{
    ask_for_help, call_off_help, confirm, create, end_everybodys_sign_ins, end_sign_ins_of,
    reactivate as reactivate_account, reset_link, suspend as suspend_account,
};
pub(super) use command::{fault, find};
pub use everybody::{confirm as confirm_everybody, end as end_everybody};
pub use help::{ask as ask_help, confirm as confirm_help, stop as stop_help};
pub(super) use list::PATH;
pub use list::index;
pub use show::{end_sign_ins, reset, show};
pub(super) use sql::Person;
pub use suspend::{confirm as confirm_suspend, reactivate, suspend};
pub use told::{Lines, list, show as show_account};
