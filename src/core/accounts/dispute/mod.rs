//! "This was not me": acts on an account are reported to its owner by email, with a link that takes
//! the account back to the moment before.
//!
//! The link is valid for 72 hours and belongs to the address that the account had then. By itself
//! it only shows that somebody reads the owner's email, so it ends things and opens nothing: it
//! ends sign-ins, known browsers, pending links, a changed address and the password. Factors added
//! since then open nothing any more, but are still asked for. A person who also knows the
//! previous password gets the earlier factors back, and sets a new password.
//!
//! docs/security.md says what an attacker can do with each stolen thing.

mod acts;
mod page;
mod sql;
mod take_back;

pub(crate) use acts::{Told, addresses, announce, announce_to_former, origin};
pub use page::{open, show, take_back};
pub(super) use sql::{end_password, forget, keep_former_password, remove_expired};

use time::Duration;

/// How long an act can be disputed.
pub(crate) const DISPUTABLE: Duration = Duration::hours(72);
