//! Help for people who have lost all their second factors. An operator asks for it with a reason;
//! the person is told by email, and can stop it for 72 hours. Then the factors are removed, the
//! password is revoked, and the reader of the person's email sets a new one: the operator never
//! gets in.

mod act;
mod page;
mod sql;

pub(crate) use act::{Answer, Pending, ask, call_off, pending};
pub use page::{open, show, stop};

use time::Duration;

/// How long the person can stop it.
const COOLING_OFF: Duration = Duration::hours(72);
