//! All organizations, as operators see them from outside, and suspending them.

mod commands;
mod list;
mod sql;
mod suspend;

pub(super) use commands::enter;
pub(super) use list::PATH;
pub use list::index;
pub(super) use sql::{OrganizationRow, find};
pub use suspend::{confirm as confirm_suspend, reactivate, suspend};
