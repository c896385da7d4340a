//! Deleting an account: the person is erased, what they did in organizations stays with these.
//!
//! One transaction ends it: in each organization, in the order of their ids and under its lock, the
//! membership goes as in leaving; then the sign-ins, and all that belongs to the account alone. Its
//! row stays without name and address, because comments, invitations and the log refer to it. What
//! goes through whole tables, erasing the person from every audit log, is a job of that transaction.

mod act;
mod discard;
mod erase;
pub mod noun;
mod pages;
mod preview;
mod sql;

pub use discard::discard;
pub use pages::{delete, done, show};
