//! The state of the installation: its version, what is waiting and what has failed, and retrying
//! that.

mod again;
mod command;
mod commands;
mod page;

pub use again::{do_again, send_again, send_all_again};
pub use command::status;
pub(crate) use command::times;
pub(super) use page::PATH;
pub use page::show;
