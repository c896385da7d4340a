//! The pages of second factors, one file each.

pub mod confirm;
mod next;
pub mod passkey_sign_in;
pub mod passkeys;
pub mod recovery_codes;
mod remove;
pub mod security;
pub mod sign_in;
pub mod totp;
