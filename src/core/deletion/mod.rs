//! Deleting an account: the person is erased, but what they did in organizations stays there.
//!
//! One transaction deletes it. In each organization, in the order of their ids and under its lock,
//! the membership ends as if they had left; then the sign-ins end, and everything that belongs only
//! to the account is removed. Its row stays, without name and address, because comments,
//! invitations and the log refer to it. Erasing the person from all audit logs reads whole tables,
//! so the transaction leaves that to a job.

mod act;
mod discard;
mod erase;
pub mod noun;
mod pages;
mod preview;
mod sql;

pub use discard::discard;
pub use pages::{delete, done, show};
