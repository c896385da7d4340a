//! Notices: mails that a member can do without, each with a way to stop them that needs no sign-in.

mod choose;
mod commands;
mod model;
pub mod noun;
mod sql;
mod unsubscribe;
mod way_out;

pub use choose::{show, update};
pub use model::Notice;
pub use unsubscribe::{ask, resume, stop};
pub use way_out::{WayOut, wanted};
