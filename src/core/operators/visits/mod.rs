//! Visits: operators inside an organization, for a written reason and a short time.

mod end;
mod enter;
mod model;
mod sql;

pub(super) use end::end_all;
pub(crate) use enter::end_visits;
pub use enter::{ask as ask_to_enter, end as end_visit, enter};
pub(super) use sql::{MyVisit, my_visits};
