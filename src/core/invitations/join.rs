//! Becoming a member through an invitation.

use serde_json::json;

use super::sql::{self, Found, Invitation, object};
use super::tell::{self, Arrival};
use crate::core::accounts::noun::USER_EMAIL;
use crate::core::accounts::{NewAccount, create_account};
use crate::core::members::noun::{InviteMembers, MEMBER_JOINED};
use crate::core::members::{self, Target};
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::UserId;
use crate::platform::mail::strangers;
use crate::platform::session::known::{self, NewToken};
use crate::platform::session::{self, NewSession};
use crate::platform::tenant::{Grant, OrgTx, UnscopedTx, role};

/// Creates the account that an invitation is for, signs it in, and accepts the invitation; returns
/// the token of the browser, and the name of the role.
///
/// # Errors
/// [`AppError::Gone`] when the account has been created meanwhile; those of [`take_up`].
pub(super) async fn join_as_new(
    app: &App,
    found: &Found,
    account: &NewAccount,
    new_session: NewSession<'_>,
) -> Result<(NewToken, String)> {
    let (device, now) = (new_session.device, app.clock.now());
    let mut tx = UnscopedTx::write(app).await?.from(device);
    let user = match create_account(&mut tx, account, now).await {
        Err(error) if error.breaks(USER_EMAIL) => {
            return Err(AppError::Gone("Your account has just been created. Sign in.".into()));
        }
        created => created?,
    };
    session::start(&mut tx, user, new_session, now).await?;
    let token = NewToken::new();
    known::remember(&mut tx, user, device, &token).await?;
    let mut tx = tx.enter(found.organization_id).await?;
    let role = take_up(&mut tx, found, user, &account.name, account.verified, now).await?;
    tx.commit().await?;
    Ok((token, role))
}

/// Makes `user` a member, in the caller's transaction, and tells the inviter; returns the name of
/// the person's role. If the address is confirmed, the inviter is credited.
///
/// # Errors
/// [`AppError::Gone`] when the invitation is not open any more, or the inviter may no longer offer
/// it.
pub(super) async fn take_up(
    tx: &mut OrgTx,
    found: &Found,
    user: UserId,
    name: &str,
    is_proved: bool,
    now: Timestamp,
) -> Result<String> {
    tx.lock_organization().await?;
    let gone = |words: &'static str| AppError::Gone(words.into());
    let invitation = sql::find(tx, found.id)
        .await?
        .filter(|invitation| invitation.is_pending() && invitation.expires_at > now)
        .filter(|invitation| invitation.email == found.email)
        .ok_or_else(|| gone("This invitation is no longer valid."))?;
    // The link may have been replaced while this request was in flight.
    let newest = sql::newest_link(tx, found.id).await?.map(|(link, _)| link);
    if found.link_id.is_some_and(|link| newest != Some(link)) {
        return Err(gone("This link has been replaced by a newer one."));
    }
    if sql::is_suspended(tx).await? {
        return Err(gone("You can't join while the organization is suspended."));
    }
    let withdrawn = || {
        gone("The person who invited you can no longer give this role. Ask for a new invitation.")
    };
    let (inviter, offered) = offered(tx, &invitation).await?.ok_or_else(withdrawn)?;
    if !members::may_hold(tx, user, offered.role().rank).await? {
        return Err(AppError::AddressUnproved);
    }
    if !sql::answer(tx, found.id, "accepted", now).await? {
        return Err(gone("This invitation is no longer valid."));
    }
    let role = match members::find_by_user(tx, user).await? {
        // An invitation never lowers a person's role.
        Some(member) if member.role.reaches(offered.role().rank) => member.role.name,
        Some(member) => {
            members::set_role(tx, member.membership_id, &offered).await?;
            offered.role().name.clone()
        }
        None => {
            members::add(tx, user, &offered, now).await?;
            offered.role().name.clone()
        }
    };
    if is_proved {
        strangers::joined(tx, invitation.invited_by, &invitation.email).await?;
    }
    let arrival = Arrival {
        name,
        email: &invitation.email,
        role: &role,
        organization: &found.organization,
        slug: &found.slug,
        with_link: false,
        user,
        by: object(invitation.id, &invitation.email),
    };
    tell::joined(tx, &inviter, &invitation.inviter_email, &arrival).await?;
    tx.record(invitation.entry(MEMBER_JOINED).person(user).after(json!({ "role": role })));
    Ok(role)
}

/// The sender of an invitation, and the role that they may still offer with it.
async fn offered(
    tx: &mut OrgTx,
    invitation: &Invitation,
) -> Result<Option<(Target, Grant)>, sqlx::Error> {
    let inviter = members::find_by_user(tx, invitation.invited_by).await?;
    let may_invite =
        |inviter: &Target| inviter.can_act() && inviter.role.can(InviteMembers::PERMISSION);
    let Some(inviter) = inviter.filter(may_invite) else { return Ok(None) };
    let offered = role::grant(tx, &inviter.role, &invitation.role.key).await?;
    Ok(offered.map(|offered| (inviter, offered)))
}

/// Closes the open invitation for `email`, an address of `user` that is confirmed, because they
/// join in another way. Returns what it offered, unless it has expired or its sender may no longer
/// offer it; only then is the sender credited. The transaction must hold the organization's lock.
pub(crate) async fn take_along(
    tx: &mut OrgTx,
    email: &EmailAddress,
    user: UserId,
    now: Timestamp,
) -> Result<Option<Grant>> {
    let Some(waiting) = sql::find_pending(tx, email).await? else { return Ok(None) };
    let offered = match waiting.expires_at > now {
        true => offered(tx, &waiting).await?,
        false => None,
    };
    sql::answer(tx, waiting.id, "accepted", now).await?;
    if offered.is_some() {
        strangers::joined(tx, waiting.invited_by, email).await?;
    }
    sql::withdraw_mails(tx, waiting.id).await?;
    tx.record(waiting.entry(MEMBER_JOINED).person(user));
    Ok(offered.map(|(_, offered)| offered))
}
