//! The statements about invitations.

mod found;
mod invitation;
mod links;

pub use found::{Found, find_by_token, find_waiting, locate_by_email, locate_by_token};
pub use invitation::{
    Draft, Invitation, answer, find, find_pending, insert, is_member, is_suspended, object, renew,
    request_change,
};
pub use links::{LinkTokens, links_of, links_since, newest_link, replace_link, withdraw_mails};
