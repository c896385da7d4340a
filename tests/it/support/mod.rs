//! Support for the tests: a separate application for each, people who use it, and a mail server
//! that receives its emails.

mod answer;
mod app;
mod authenticator;
mod browser;
mod certificates;
pub mod chance;
mod database;
mod direct;
mod files;
mod held;
mod invariants;
pub mod log;
mod places;
mod pooler;
mod raw;
mod secrets;
pub mod service;
mod slow;
mod smtp;
mod snapshot;
pub mod world;

pub use answer::{Answer, is_of_the_session};
pub use app::{PASSWORD, TestApp, email_of};
pub use authenticator::Authenticator;
pub use browser::{Browser, file_form, form_headers};
pub use certificates::Authority;
pub use database::{OWNER, TestDatabase};
pub use files::files;
pub use places::places_file;
pub use pooler::PgBouncer;
pub use secrets::Secrets;
pub use slow::slow_post;
pub use smtp::{Mail, MailServer, Mood};
pub use snapshot::Snapshot;

/// SHA-256 in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Sets who may do what with a file or a folder.
#[cfg(unix)]
pub fn set_mode(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}
