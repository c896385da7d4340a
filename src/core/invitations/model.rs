//! What an invitation is to whoever opens its link.

use super::sql::Found;
use crate::platform::clock::Timestamp;
use crate::platform::session::CurrentUser;

/// How long an invitation is good.
pub const LIFETIME: time::Duration = time::Duration::days(7);
/// The most links that an organization sends in 24 hours, resent ones included.
pub const LINKS_PER_DAY: i64 = 1000;
/// The most of them for one invitation.
pub const LINKS_PER_INVITATION: i64 = 10;
/// The longest message.
pub const MESSAGE_LENGTH: usize = 1000;
/// What all fields hold together, at most, in characters: the message, and a hundred addresses with
/// the names that are pasted along.
pub const TEXT_LENGTH: usize = MESSAGE_LENGTH + super::addresses::MOST * 320;

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It waits for an answer.
    Open,
    /// It was accepted.
    Accepted,
    /// It was declined.
    Declined,
    /// It was taken back.
    Revoked,
    /// A newer link was sent.
    Replaced,
    /// Its time is over.
    Expired,
    /// The organization does not exist any more.
    OrganizationGone,
    /// The organization is suspended: nobody joins it meanwhile.
    OrganizationSuspended,
}

/// What the page of a link shows: one sentence and the ways on, for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Nobody has an account with this address yet.
    NewPerson,
    /// Somebody has, and is signed out here.
    SignedOut,
    /// Nobody is signed in, and the link was copied: it makes no account and tells of none, where
    /// an address must be proved first.
    MailFirst,
    /// The invited person is signed in.
    Invited,
    /// The invited person is signed in with an address that nobody has proved, which the role needs.
    ProveFirst,
    /// Somebody else is signed in.
    SomebodyElse,
    /// Whoever is signed in belongs to the organization already.
    AlreadyMember,
    /// It cannot be accepted any more.
    Over(Standing),
}

/// Where `found` stands at `now`.
pub fn standing(found: &Found, now: Timestamp) -> Standing {
    if found.organization_deleted {
        return Standing::OrganizationGone;
    }
    match found.status.as_str() {
        "accepted" => Standing::Accepted,
        "declined" => Standing::Declined,
        "revoked" => Standing::Revoked,
        _ if found.is_replaced => Standing::Replaced,
        _ if found.expires_at <= now => Standing::Expired,
        _ if found.organization_suspended => Standing::OrganizationSuspended,
        _ => Standing::Open,
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
