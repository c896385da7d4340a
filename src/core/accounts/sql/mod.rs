//! The statements about accounts. People belong to no organization.

mod account;
mod expired;
mod password;
mod proof;
mod sign_ins;

use time::Duration;

pub(super) use account::{insert_user, is_first_sign_in, refuse_reserved, rename, set_look};
pub use expired::remove_expired;
pub(crate) use password::{Credentials, credentials_of};
pub(super) use password::{
    change_password, credentials, password_hash, renew_hash, replace_password, set_password,
};
pub(super) use proof::unproved;
pub(crate) use proof::{mark_verified, vouch_for};
pub(super) use sign_ins::{SignInRow, end_sign_in, owns_sign_in, sign_ins};

/// How long ended sign-ins and used tokens are kept for operators to look at.
const RETENTION: Duration = Duration::days(30);
