//! Tells inviters about answers to their invitations, if they are still members and want such
//! emails.

use super::mail::{ChangeRequested, Declined};
use super::sql::{Found, Invitation};
use crate::core::members;
use crate::core::notices::{self, Notice, WayOut};
use crate::platform::error::Result;
use crate::platform::mail::{Quoted, outbox};
use crate::platform::session::CurrentUser;
use crate::platform::tenant::OrgTx;

/// How the inviter can stop such emails; `None` if they get none.
async fn way_out(tx: &mut OrgTx, invitation: &Invitation) -> Result<Option<WayOut>> {
    match members::find_by_user(tx, invitation.invited_by).await? {
        Some(inviter) => notices::wanted(tx, inviter.membership_id, Notice::Invitations).await,
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
    let Some(way_out) = way_out(tx, invitation).await? else { return Ok(()) };
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
    let Some(way_out) = way_out(tx, invitation).await? else { return Ok(()) };
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
