//! People and their accounts: signing up, signing in, the profile, the password, the list of
//! sign-ins.

pub mod login;
mod mail;
mod model;
pub mod password;
pub mod profile;
pub mod reset;
pub mod sign_ins;
pub mod signup;
mod sql;
mod tokens;
pub mod verify;

pub use model::person_name;
pub use reset::RESET_JOB;
pub(crate) use signup::{NewAccount, create_account};
pub(crate) use sql::mark_verified;
pub use sql::remove_expired;
