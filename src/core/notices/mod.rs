//! Notices: emails that members can do without, each with a link to stop them without signing in.

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
