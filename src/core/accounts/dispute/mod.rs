//! "This was not me": what is done to an account is reported to its owner by email, with a link
//! that takes the account back to the moment before.
//!
//! The link is valid for 72 hours and belongs to the address that the account had then. By itself
//! it only shows that someone reads the owner's email, so it ends things and opens none: sign-ins,
//! known browsers, links that are on their way, a changed address, the password. Factors that were
//! added since open nothing from then on, and are asked for nevertheless. Anyone who also knows the
//! password from before gets the factors back as they were, and sets a new password.
//!
//! docs/security.md says who can do what with which stolen thing.

mod acts;
mod page;
mod sql;
mod take_back;

pub(crate) use acts::{Told, addresses, announce, announce_to_former, origin};
pub use page::{open, show, take_back};
pub(super) use sql::{end_password, forget, keep_former_password, remove_expired};

use time::Duration;

/// How long what was done can be disputed.
pub(crate) const DISPUTABLE: Duration = Duration::hours(72);
