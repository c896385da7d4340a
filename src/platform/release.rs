//! The version of this program.

/// Version, source commit where it is known, target and profile, as in
/// `0.1.0 (commit 1a2b3c4d5e6f, x86_64-unknown-linux-gnu, release)`.
pub const RELEASE: &str = env!("RELEASE");
