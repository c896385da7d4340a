//! Invitations to an organization: for one address, usable once, and valid for seven days.

mod accept;
mod addresses;
mod ask;
mod commands;
mod gone;
mod join;
mod landing;
mod limits;
mod link;
mod mail;
mod mailbox_list;
mod mailbox_tokens;
mod manage;
mod many;
mod model;
pub mod noun;
mod outcome;
mod seed;
mod send;
mod sql;
mod tell;
mod waiting;

pub use accept::accept;
pub use ask::ask;
pub(crate) use gone::{decline_waiting, forget, names};
pub(crate) use join::take_along;
pub use landing::{decline, open, show};
pub use manage::{copy_link, readdress, resend, revoke};
pub use many::{apply, choose};
pub use model::TEXT_LENGTH;
pub(crate) use seed::{seed, seed_failure};
pub use send::{create, new};
pub(crate) use tell::{Arrival, joined};
pub use waiting::{join, show as show_waiting};
