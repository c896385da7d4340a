//! The join link of an organization: anyone who has it can join, as a member at most, until it
//! expires, is used up or ends with its maker's right to invite people.

mod commands;
mod manage;
mod model;
pub mod noun;
mod page;
mod sql;

pub use manage::{create, picture, show as manage, turn_off};
pub use page::{join, open, show};
pub(crate) use page::{page_of_link, waiting};
