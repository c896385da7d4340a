//! The pages of second factors, one file each.

pub mod confirm;
pub mod factor;
mod next;
pub mod passkey_sign_in;
pub mod passkeys;
pub mod recovery_codes;
pub mod security;
pub mod sign_in;
pub mod totp;
