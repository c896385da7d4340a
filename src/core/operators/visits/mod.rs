//! Visits: operators inside an organization, for a written reason and a short time.

mod commands;
mod enter;
mod model;
mod sql;

pub(super) use commands::end_all;
pub(crate) use commands::end_visits;
pub use enter::{ask as ask_to_enter, end as end_visit, enter};
pub(super) use sql::{MyVisit, my_visits};
