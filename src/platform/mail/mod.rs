//! Email: written with the change that causes it, sent by a worker, shown with its state.
//!
//! An email consists of three templates (subject, text, HTML) and a row in the outbox, written in
//! the same transaction as the change. Its body is sealed while it waits, because links in it are
//! secrets.

mod certificate;
pub mod forget;
pub mod message;
pub mod outbox;
mod quoted;
pub mod strangers;
mod transport;
pub mod trial;

pub use message::{List, Mail, Rendered};
pub use outbox::MailState;
pub use quoted::Quoted;
pub use transport::{Transport, route, try_server};
