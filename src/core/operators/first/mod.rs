//! The first operator: anyone who reads what the program prints where it is started controls the
//! machine, and creates their account through a link printed there.
//!
//! The link works once, for a day, and for as long as there is no operator; whether anyone may
//! sign up does not matter to it. The address counts as confirmed: anyone who controls the machine
//! could confirm it at the command line just as well, and an installation that sends no mail must
//! be able to begin.

mod link;
mod page;
mod sql;

pub use link::{WORDS, at_start, print};
pub(crate) use link::{make_operator, spend};
pub use page::{create, open, show};
