//! Help for someone who has lost every second factor. An operator asks for it with a reason; the
//! person is told by email, and can stop it from there for 72 hours. Then the factors go, the
//! password ends, and the person who reads that mail sets a new one: the operator never gets in.

mod act;
mod page;
mod sql;

pub(crate) use act::{Answer, Pending, ask, call_off, pending};
pub use page::{open, show, stop};

use time::Duration;

/// How long the person can stop it.
const COOLING_OFF: Duration = Duration::hours(72);
