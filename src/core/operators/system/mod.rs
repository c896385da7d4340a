//! How the installation is doing: what it is, what waits and what did not work, and doing that again.

mod again;
mod command;
mod page;

pub use again::{do_again, send_again, send_all_again};
pub use command::status;
pub(crate) use command::times;
pub(super) use page::PATH;
pub use page::show;
