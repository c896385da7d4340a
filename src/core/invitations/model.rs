//! The states of an invitation, and what the holder of its link sees.

use super::sql::Found;
use crate::platform::clock::Timestamp;
use crate::platform::session::CurrentUser;
use crate::platform::words::words;

/// Where the people of an organization with an open invitation are listed.
pub(super) const INVITED: &str = "/members?show=invited";

/// How long an invitation is valid.
pub const LIFETIME: time::Duration = time::Duration::days(7);
/// The most links that an organization can send in 24 hours, including resent ones.
pub const LINKS_PER_DAY: i64 = 1000;
/// The most links for one invitation in 24 hours.
pub const LINKS_PER_INVITATION: i64 = 10;
/// The longest message, in characters.
pub const MESSAGE_LENGTH: usize = 1000;
/// The most characters in all fields: the message, and a hundred addresses with the names pasted
/// along with them.
pub const TEXT_LENGTH: usize = MESSAGE_LENGTH + super::addresses::MOST * 320;

words! {
    /// What has become of an invitation.
    pub enum Status, "Choose one of the states." {
        /// It waits for an answer, even if it has expired.
        Pending = "pending";
        /// It was accepted.
        Accepted = "accepted";
        /// It was declined.
        Declined = "declined";
        /// It was revoked.
        Revoked = "revoked";
    }
}

/// The state of an invitation for the holder of its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It waits for an answer.
    Open,
    /// It was accepted.
    Accepted,
    /// It was declined.
    Declined,
    /// It was revoked.
    Revoked,
    /// A newer link was sent.
    Replaced,
    /// It has expired.
    Expired,
    /// The organization was deleted.
    OrganizationGone,
    /// The organization is suspended, and nobody can join it meanwhile.
    OrganizationSuspended,
}

/// What the page of a link shows: a sentence and the possible actions for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The address has no account yet.
    NewPerson,
    /// The address has an account, and nobody is signed in here.
    SignedOut,
    /// Nobody is signed in, and the link was copied. If addresses must be confirmed first, it
    /// creates no account and reveals none.
    MailFirst,
    /// The invited person is signed in.
    Invited,
    /// The invited person is signed in, but has to confirm the address for this role.
    ProveFirst,
    /// Somebody else is signed in.
    SomebodyElse,
    /// The signed-in person is already a member.
    AlreadyMember,
    /// It cannot be accepted any more.
    Over(Standing),
}

/// The state of `found` at `now`.
pub fn standing(found: &Found, now: Timestamp) -> Standing {
    if found.organization_deleted {
        return Standing::OrganizationGone;
    }
    match found.status {
        Status::Accepted => Standing::Accepted,
        Status::Declined => Standing::Declined,
        Status::Revoked => Standing::Revoked,
        Status::Pending if found.is_replaced => Standing::Replaced,
        Status::Pending if found.expires_at <= now => Standing::Expired,
        Status::Pending if found.organization_suspended => Standing::OrganizationSuspended,
        Status::Pending => Standing::Open,
    }
}

/// What `user` sees of `found` at `now`.
pub fn view(found: &Found, user: Option<&CurrentUser>, now: Timestamp) -> View {
    let standing = standing(found, now);
    let is_invited = user.is_some_and(|user| user.email == found.email);
    match (standing, user) {
        (Standing::OrganizationGone, _) => View::Over(standing),
        _ if found.is_member && (is_invited || standing != Standing::Open) => View::AlreadyMember,
        (Standing::Open, Some(_)) if is_invited => View::Invited,
        (Standing::Open, Some(_)) => View::SomebodyElse,
        (Standing::Open, None) if found.has_account => View::SignedOut,
        (Standing::Open, None) => View::NewPerson,
        _ => View::Over(standing),
    }
}
