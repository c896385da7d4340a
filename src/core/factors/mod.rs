//! Second factors: authenticator apps, recovery codes and passkeys. They are asked for when signing
//! in, and for what is too sensitive for a browser that was left open.
//!
//! A factor is asked for after the correct password, at [`pages::sign_in`]; until then the sign-in
//! is pending, which only a sealed cookie says. An entered code is counted by account before it is
//! checked ([`guesses`]), and can be redeemed once ([`redeem`]).

mod challenge;
mod commands;
pub(crate) mod disputed;
pub(crate) mod guesses;
mod mail;
mod model;
pub mod noun;
pub mod pages;
mod passkeys;
mod prove;
mod recovery;
mod redeem;
mod sql;
mod totp;

pub(crate) use model::Holder;
pub(crate) use pages::sign_in::{PendingSignIn, begin};
pub use pages::{
    confirm, factor, passkey_sign_in, passkeys as keys, recovery_codes, security, sign_in,
    totp as apps,
};
pub(crate) use passkeys::is_possible as has_passkeys;
pub use sql::remove_expired;
