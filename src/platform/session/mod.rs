//! Sessions: tower-sessions handles the cookie, but a row in `sign_ins` decides.
//!
//! The library's store saves by upsert, so a request in flight can restore a session that was ended
//! meanwhile. Therefore the sign-in decides, found by the digest of the session's id and read on
//! every request: once it has ended, the cookie opens nothing.

mod current_operator;
mod current_user;
pub mod known;
pub mod limits;
mod maybe_user;
pub mod presence;
mod sign_in;
mod store;

pub use current_operator::CurrentOperator;
pub use current_user::CurrentUser;
pub(in crate::platform) use current_user::return_path;
pub use maybe_user::MaybeUser;
pub use sign_in::{
    Device, NewSession, SessionKey, end_all, end_everybodys, end_others, renew, sign_out, start,
    step_up,
};
pub(in crate::platform) use store::is_empty_cookie;
pub use store::{HashedStore, layer};
