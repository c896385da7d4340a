//! What is done with invitations, by those who invite and by those who are invited. Who has no
//! account yet accepts in [`join`](super::join), which makes one and signs it in.

use serde_json::json;

use super::addresses::{MOST, Typed};
use super::join::take_up;
use super::limits::{self, awaits_proof, has_links_left};
use super::link::{self, send_again};
use super::model::{INVITED, MESSAGE_LENGTH, Status};
use super::noun::{
    INVITATION_CHANGE_ASKED, INVITATION_DECLINED, INVITATION_READDRESSED, INVITATION_RESENT,
    INVITATION_REVOKED,
};
use super::outcome::{Offer, Outcome, invite};
use super::sql::{self, Found, Invitation};
use super::tell;
use crate::core::accounts::mark_verified;
use crate::core::members::noun::InviteMembers;
use crate::platform::App;
use crate::platform::audit::Entry;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::InvitationId;
use crate::platform::mail::strangers::Allowance;
use crate::platform::noun::Refusal;
use crate::platform::session::{CurrentUser, Device};
use crate::platform::tenant::{Actor, CurrentOrg, OrgTx, RoleKey, UnscopedTx, role};
use crate::platform::text::block_of_text;
use crate::platform::web::FieldErrors;

/// Invites people to the role `key`, with a message; returns the result for each address. Valid
/// addresses are invited even if others are invalid.
///
/// # Errors
/// [`Refusal::Fields`] when an error prevents all invitations; [`AppError::TooMany`] above the
/// organization's limit; [`AppError::Refused`] for a role above the actor's.
pub(crate) async fn send(
    org: &CurrentOrg<InviteMembers>,
    typed: &[Typed],
    key: &RoleKey,
    message: &str,
) -> Result<Vec<Outcome>, Refusal<Invitation>> {
    let (mut tx, actor) = org.write_locked().await?;
    let mut errors = check(typed);
    if awaits_proof(org) {
        errors.add("", "Confirm your email address first. We've sent you a link.");
    }
    if key.is_owner() && !org.user.recently_proved(org.now) {
        errors.add("role", "To invite an owner, confirm it's you first, above.");
    }
    let grant = role::grant(&mut tx, &actor.role, key).await?;
    if grant.is_none() {
        if role::exists(&mut tx, key).await? {
            let words = "You can't invite someone to a role above yours.";
            return Err(AppError::Refused(words.into()).into());
        }
        errors.add("role", "Choose a role.");
    }
    let message = errors.take("message", block_of_text(message, MESSAGE_LENGTH));
    let addresses = typed.iter().take(MOST).filter_map(|typed| typed.address.as_ref().ok());
    let mut allowance = Allowance::held(&mut tx, org.user.id, addresses).await?;
    if message.as_ref().is_some_and(|message| !message.is_empty())
        && let Some(words) = limits::before_writing(&allowance)
    {
        errors.add("message", words);
    }
    let (Some(grant), Some(message)) = (grant.filter(|_| errors.is_empty()), message) else {
        return Err(Refusal::Fields(errors));
    };
    if !has_links_left(&mut tx, org, typed.len()).await? {
        return Err(AppError::over_limit(limits::words_for_organization()).into());
    }
    let offer = Offer { actor: &actor, grant: &grant, message: &message };
    let mut outcomes = Vec::new();
    for typed in typed {
        outcomes.push(invite(&mut tx, org, typed, &offer, &mut allowance).await?);
    }
    tx.leads_to(&org.organization.path(INVITED)).await?;
    tx.commit().await?;
    Ok(outcomes)
}

fn check(typed: &[Typed]) -> FieldErrors {
    let mut errors = FieldErrors::default();
    if typed.is_empty() {
        errors.add("email", "Enter at least one email address.");
    } else if typed.len() > MOST {
        let count = typed.len();
        let words = format!(
            "You can invite up to {MOST} people at a time. You've entered {count} \
                             addresses."
        );
        errors.add("email", words);
    }
    errors
}

/// Sends an invitation again with a new link, valid for another seven days; the old link says that
/// it was replaced. From now on the invitation depends on the actor's authority. Returns the
/// invitation as it was.
///
/// # Errors
/// Those of [`find_for`] and [`send_again`].
pub(crate) async fn resend(
    org: &CurrentOrg<InviteMembers>,
    id: InvitationId,
) -> Result<Invitation> {
    let (mut tx, actor) = org.write_locked().await?;
    let invitation = find_for(&mut tx, &actor, id).await?;
    send_again(&mut tx, org, &invitation, &invitation.email).await?;
    tx.record(invitation.entry(INVITATION_RESENT));
    tx.commit().await?;
    Ok(invitation)
}

/// Revokes an invitation, and removes its unsent emails; returns it as it was.
///
/// # Errors
/// Those of [`find_for`].
pub(crate) async fn revoke(
    org: &CurrentOrg<InviteMembers>,
    id: InvitationId,
) -> Result<Invitation> {
    let (mut tx, actor) = org.write_locked().await?;
    let invitation = find_for(&mut tx, &actor, id).await?;
    sql::answer(&mut tx, id, "revoked", org.now).await?;
    sql::withdraw_mails(&mut tx, id).await?;
    tx.record(invitation.entry(INVITATION_REVOKED));
    tx.commit().await?;
    Ok(invitation)
}

/// Sends an invitation to the address that somebody asked for instead; `agreed` is the one that the
/// actor agrees to.
///
/// # Errors
/// Those of [`find_for`] and [`send_again`]; [`AppError::Conflict`] when that is not the requested
/// address any more, or it belongs to a member or another invitation.
pub(crate) async fn readdress(
    org: &CurrentOrg<InviteMembers>,
    id: InvitationId,
    agreed: &str,
) -> Result<()> {
    let (mut tx, actor) = org.write_locked().await?;
    let invitation = find_for(&mut tx, &actor, id).await?;
    let email = invitation.requested_email.as_ref();
    let email = email.filter(|email| email.as_str() == agreed).ok_or_else(|| {
        AppError::Conflict(
            "This person no longer asks to be invited at a different \
                            address."
                .into(),
        )
    })?;
    must_be_free(&mut tx, email).await?;
    send_again(&mut tx, org, &invitation, email).await?;
    tx.record(
        invitation
            .entry(INVITATION_READDRESSED)
            .before(json!({ "email": invitation.email.as_str() }))
            .after(json!({ "email": email.as_str() })),
    );
    tx.commit().await
}

/// Checks that `email` belongs to no member and no open invitation, before an invitation is
/// readdressed.
async fn must_be_free(tx: &mut OrgTx, email: &EmailAddress) -> Result<()> {
    if sql::is_member(tx, email).await? {
        return Err(AppError::Conflict(format!("{email} is already a member.").into()));
    }
    if sql::find_pending(tx, email).await?.is_some() {
        return Err(AppError::Conflict(format!("{email} is already invited.").into()));
    }
    Ok(())
}

/// An open invitation, with its link to hand over without email.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such invitation; [`AppError::Refused`] when it offers a
/// role above the actor's; [`AppError::Conflict`] when it is not open any more, or the server has
/// lost its key for the link.
pub(crate) async fn copy_link(
    org: &CurrentOrg<InviteMembers>,
    id: InvitationId,
) -> Result<(Invitation, String)> {
    let mut tx = org.read().await?;
    let invitation = sql::find(&mut tx, id).await?.ok_or(AppError::NotFound)?;
    if !org.membership.role.reaches(invitation.role.rank) {
        return Err(AppError::Refused("This role is above yours.".into()));
    }
    let newest = sql::newest_link(&mut tx, id).await?.filter(|_| invitation.is_pending());
    tx.commit().await?;
    let (id, sealed) =
        newest.ok_or_else(|| AppError::Conflict("This invitation is no longer valid.".into()))?;
    let token = link::unsealed(&org.app, id, &sealed).ok_or_else(|| {
        AppError::Conflict(
            "This link can't be shown anymore, because the server has lost its key. Resend the \
             invitation to get a new one."
                .into(),
        )
    })?;
    Ok((invitation, link::url(&org.app, &token)))
}

/// The invitation `id`, if it is open and the actor's role reaches the offered one.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such invitation; [`AppError::Refused`] when it offers a
/// role above the actor's; [`AppError::Conflict`] when it was answered or revoked.
async fn find_for(tx: &mut OrgTx, actor: &Actor, id: InvitationId) -> Result<Invitation> {
    let invitation = sql::find(tx, id).await?.ok_or(AppError::NotFound)?;
    if !actor.role.reaches(invitation.role.rank) {
        return Err(AppError::Refused("This role is above yours.".into()));
    }
    let became = match invitation.status {
        Status::Pending => return Ok(invitation),
        Status::Accepted | Status::Declined | Status::Revoked => invitation.status.label(),
    };
    Err(AppError::Conflict(format!("This invitation has already been {became}.").into()))
}

/// Asks the inviter to readdress an invitation for somebody else, which `user` has `found` by its
/// link, to `user`. Asks only once, however often it is called.
///
/// # Errors
/// [`AppError::Conflict`] when somebody else has asked already.
pub(super) async fn ask_for_change(app: &App, user: &CurrentUser, found: &Found) -> Result<()> {
    let tx = user.write(app).await?;
    let mut tx = tx.enter(found.organization_id).await?;
    let invitation = sql::find(&mut tx, found.id).await?.ok_or(AppError::NotFound)?;
    if invitation.requested_email.as_ref().is_some_and(|other| *other != user.email) {
        return Err(AppError::Conflict(
            format!("We've already asked {} to change it to another address.", found.inviter)
                .into(),
        ));
    }
    let object = sql::object(invitation.id, &invitation.email);
    if sql::request_change(&mut tx, found.id, &user.email).await? {
        tell::change_asked(&mut tx, user, found, &invitation).await?;
        let asked = Entry::new(INVITATION_CHANGE_ASKED, object).person(user.id);
        tx.record(asked.after(json!({ "email": user.email.as_str() })));
    }
    tx.commit().await
}

/// Accepts the invitation that `user` has `found` and that is for them; returns the name of their
/// role.
///
/// # Errors
/// Those of [`take_up`].
pub(super) async fn accept(app: &App, user: &CurrentUser, found: &Found) -> Result<String> {
    let now = app.clock.now();
    let mut tx = user.write(app).await?;
    if found.proves_address {
        mark_verified(&mut tx, user.id, &found.email, now).await?;
    }
    let mut tx = tx.enter(found.organization_id).await?;
    let is_proved = found.proves_address || user.is_verified();
    let role = take_up(&mut tx, found, user.id, &user.name, is_proved, now).await?;
    tx.commit().await?;
    Ok(role)
}

/// Declines the invitation that somebody has `found` by its link, unless it was answered meanwhile.
/// No account is needed.
///
/// # Errors
/// [`AppError::NotFound`] when it is gone.
pub(super) async fn decline(app: &App, device: &Device, found: &Found) -> Result<()> {
    let tx = UnscopedTx::write(app).await?.from(device);
    let mut tx = tx.enter(found.organization_id).await?;
    tx.lock_organization().await?;
    let invitation = sql::find(&mut tx, found.id).await?.ok_or(AppError::NotFound)?;
    if sql::answer(&mut tx, found.id, "declined", app.clock.now()).await? {
        tell::declined(&mut tx, found, &invitation).await?;
        tx.record(invitation.entry(INVITATION_DECLINED));
    }
    tx.commit().await
}
