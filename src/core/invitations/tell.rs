//! Tells inviters about answers to their invitations, and about people who join with their link, if
//! they are still members and want such emails.

use super::mail::{ChangeRequested, Declined, Joined};
use super::sql::{Found, Invitation, object};
use crate::core::members::{self, Target};
use crate::core::notices::{self, Event, News, WayOut};
use crate::platform::audit::Object;
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::ids::UserId;
use crate::platform::mail::{Quoted, outbox};
use crate::platform::session::CurrentUser;
use crate::platform::tenant::OrgTx;

/// Somebody who has joined.
pub(crate) struct Arrival<'a> {
    pub name: &'a str,
    pub email: &'a EmailAddress,
    /// The name of their role.
    pub role: &'a str,
    /// The name of the organization.
    pub organization: &'a str,
    pub slug: &'a str,
    /// Whether it was with a join link, and not at an invitation.
    pub with_link: bool,
    /// The account.
    pub user: UserId,
    /// The invitation, or the link.
    pub by: Object,
}

/// Tells `host`, who sent the invitation or made the link, that somebody has joined.
pub(crate) async fn joined(
    tx: &mut OrgTx,
    host: &Target,
    email: &EmailAddress,
    arrival: &Arrival<'_>,
) -> Result<()> {
    let news = News {
        event: if arrival.with_link { Event::JoinedByLink } else { Event::Accepted },
        actor: Some(arrival.user),
        object: arrival.by.clone(),
        project: None,
    };
    let way_out = notices::tell(tx, host.membership_id, &news).await?;
    let Some(way_out) = way_out else { return Ok(()) };
    let mail = Joined {
        inviter: Quoted::name(&host.name),
        with_link: arrival.with_link,
        member: Quoted::name(arrival.name),
        member_email: arrival.email.to_string(),
        organization: Quoted::name(arrival.organization),
        role: Quoted::name(arrival.role),
        members_link: tx.app().config.link(&format!("/orgs/{}/members", arrival.slug)),
        stop_link: way_out.link,
    };
    outbox::enqueue_notice(tx, email, &way_out.list, &mail).await?;
    Ok(())
}

/// Puts it into the inviter's inbox, if they are still a member; returns how they can stop the email, if
/// they want one.
async fn put(
    tx: &mut OrgTx,
    invitation: &Invitation,
    event: Event,
    actor: Option<UserId>,
) -> Result<Option<WayOut>> {
    let object = object(invitation.id, &invitation.email);
    let news = News { event, actor, object, project: None };
    match members::find_by_user(tx, invitation.invited_by).await? {
        Some(inviter) => notices::tell(tx, inviter.membership_id, &news).await,
        None => Ok(None),
    }
}

/// Tells the inviter that `user` asks to be invited under their own address instead.
pub(super) async fn change_asked(
    tx: &mut OrgTx,
    user: &CurrentUser,
    found: &Found,
    invitation: &Invitation,
) -> Result<()> {
    let way_out = put(tx, invitation, Event::ChangeAsked, Some(user.id)).await?;
    let Some(way_out) = way_out else { return Ok(()) };
    let mail = ChangeRequested {
        inviter: Quoted::name(&invitation.inviter),
        organization: Quoted::name(&found.organization),
        email: invitation.email.to_string(),
        requested_email: user.email.to_string(),
        requested_name: Quoted::name(&user.name),
        members_link: tx.app().config.link(&format!("/orgs/{}/members", found.slug)),
        stop_link: way_out.link,
    };
    outbox::enqueue_notice(tx, &invitation.inviter_email, &way_out.list, &mail).await?;
    Ok(())
}

/// Tells the inviter that the invitation was declined.
pub(super) async fn declined(tx: &mut OrgTx, found: &Found, invitation: &Invitation) -> Result<()> {
    let way_out = put(tx, invitation, Event::Declined, None).await?;
    let Some(way_out) = way_out else { return Ok(()) };
    let mail = Declined {
        inviter: Quoted::name(&invitation.inviter),
        organization: Quoted::name(&found.organization),
        email: invitation.email.to_string(),
        members_link: tx.app().config.link(&format!("/orgs/{}/members", found.slug)),
        stop_link: way_out.link,
    };
    outbox::enqueue_notice(tx, &invitation.inviter_email, &way_out.list, &mail).await?;
    Ok(())
}
