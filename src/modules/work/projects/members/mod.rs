//! The members of a project, and their roles.

mod commands;
mod pages;
mod sql;

pub use pages::{add, change, index, remove};
pub(super) use sql::insert;
pub(crate) use sql::{MemberRow, list};
