//! Notices: what members are told, in their inbox and by emails that they can do without.

mod choose;
mod commands;
mod digest;
mod found;
mod inbox;
mod model;
pub mod noun;
mod seed;
mod sql;
mod tell;
mod unsubscribe;
mod way_out;

pub use choose::{show, update};
pub use digest::send as send_digests;
pub use inbox::{mark_all, mark_read, mark_unread, open, show as show_inbox};
pub use model::{Event, News};
pub(crate) use seed::{seed, seed_read};
pub use tell::tell;
pub use unsubscribe::{ask, resume, stop};
pub use way_out::WayOut;

use crate::platform::module::Section;
use crate::platform::tenant::bell::Bell;

/// The section of the inbox, which is not in the navigation: the bell leads there.
pub const SECTION: Section =
    Section { path: "/inbox", label: "Inbox", icon: "inbox", place: 240, needs: None };

inventory::submit!(Bell(|tx, org, path| Box::pin(inbox::unread(tx, org, path))));
