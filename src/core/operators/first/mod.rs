//! The first operator: a person who reads what the program prints when it starts controls the
//! machine, and creates their account through a link printed there.
//!
//! The link works once, for a day, and as long as there is no operator, even if sign-up is closed.
//! The address counts as confirmed: a person who controls the machine could just as well confirm it on
//! the command line, and an installation without mail must be able to start.

mod link;
mod page;
mod sql;

pub use link::{WORDS, at_start, print};
pub(crate) use link::{make_operator, spend};
pub use page::{create, open, show};
