//! Who belongs to a project, and as what.

mod commands;
mod pages;
mod sql;

pub use pages::{add, change, index, remove};
pub(super) use sql::insert;
pub(crate) use sql::{MemberRow, list};
