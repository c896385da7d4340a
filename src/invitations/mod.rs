//! Invitations: into one organization, for one address, good once and for seven days.

mod accept;
mod addresses;
mod ask;
mod landing;
mod mail;
mod manage;
mod model;
mod send;
mod sql;
mod waiting;

pub use accept::accept;
pub use ask::{ask, readdress};
pub use landing::{decline, show};
pub use manage::{link, resend, revoke};
pub(crate) use send::seed;
pub use send::{create, new};
pub use waiting::{join, show as show_waiting};
