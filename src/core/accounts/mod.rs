//! People and their accounts: signing up and in, the profile, the password, the list of sign-ins.

pub mod address;
mod changes;
pub mod claim;
mod commands;
pub mod dispute;
mod gate;
pub mod help;
pub mod login;
mod made;
pub(crate) mod mail;
mod model;
mod new_password;
mod newcomer;
mod notices;
pub mod noun;
pub mod password;
pub mod preferences;
pub mod profile;
pub mod reset;
pub mod sign_ins;
pub mod signup;
pub mod signup_link;
mod sql;
pub(crate) mod suspension;
pub(crate) mod tokens;
pub(crate) mod told;
pub mod verify;

use crate::platform::audit::object;
use crate::platform::audit::{Action, Entry, Object};
use crate::platform::email::EmailAddress;
use crate::platform::ids::UserId;

/// An account, as an object in the audit log.
pub(crate) fn object(id: UserId, email: &EmailAddress) -> Object {
    Object::new(object::ACCOUNT, id.uuid(), email.to_string())
}

/// An entry of the audit log about an account and its holder.
pub(crate) fn entry(action: Action, id: UserId, email: &EmailAddress) -> Entry {
    Entry::new(action, object(id, email)).person(id)
}

pub(crate) use dispute::{DISPUTABLE, announce, origin};
pub(crate) use login::{Started, start};
pub(crate) use made::{hand_over_link, make_account};
pub use model::person_name;
pub(crate) use new_password::RESET_JOB;
pub(crate) use newcomer::{Admission, NewAccount, Newcomer, admit, create_account};
pub(crate) use profile::{Tab, profile_with};
pub use sql::remove_expired;
pub(crate) use sql::{Credentials, credentials_of, mark_verified, vouch_for};
