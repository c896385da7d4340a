//! The link of an invitation: made, emailed, replaced by a newer one, and shown for copying.

use time::Duration;

use super::limits::{self, may_send};
use super::mail::InvitationMail;
use super::model::{LIFETIME, LINKS_PER_INVITATION};
use super::sql::{self, Draft, Invitation, LinkTokens};
use crate::core::invitations::noun::InvitationLinkId;
use crate::platform::App;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::InvitationId;
use crate::platform::mail::strangers::Allowance;
use crate::platform::mail::{Quoted, outbox};
use crate::platform::sealed::Column;
use crate::platform::secrets::Token;
use crate::platform::tenant::OrgTx;
use crate::platform::tenant::current_org::Context;

/// An alternative when no more emails can be sent.
const INSTEAD: &str = "Or copy the link on the members page and share it yourself.";

/// The names of the inviter, the organization and the role, for the email.
pub(super) struct Letterhead<'a> {
    pub inviter: &'a str,
    pub organization: &'a str,
    pub role: &'a str,
}

/// Makes a new link for an invitation and emails it; the previous link says that it was replaced.
pub(super) async fn send_link(
    tx: &mut OrgTx,
    id: InvitationId,
    draft: &Draft<'_>,
    letterhead: Letterhead<'_>,
) -> Result<()> {
    let app = tx.app().clone();
    let token = Token::random();
    let link = InvitationLinkId::new();
    let mail = InvitationMail {
        inviter: Quoted::name(letterhead.inviter),
        organization: Quoted::name(letterhead.organization),
        role: Quoted::name(letterhead.role),
        message: Quoted::text(draft.message),
        link: url(&app, &token),
        email: draft.email.to_string(),
        expires: draft.now.plus(LIFETIME).date(),
    };
    let mail = outbox::enqueue_in(tx, draft.email, &mail).await?;
    // Everybody who can invite can read this one, so it must prove less than the emailed one.
    let copied = Token::random();
    let tokens = LinkTokens {
        mailed: token.digest(),
        copied: copied.digest(),
        copied_sealed: app.keyring.seal(&Column::Link.context(link), copied.expose().as_bytes()),
    };
    sql::replace_link(tx, id, link, &tokens, mail, draft.now).await?;
    Ok(())
}

/// The names for an email that the signed-in person sends.
pub(super) fn letterhead<'a>(org: &'a Context, role: &'a str) -> Letterhead<'a> {
    Letterhead { inviter: &org.user.name, organization: &org.organization.name, role }
}

/// The link with this token.
pub(super) fn url(app: &App, token: &Token) -> String {
    app.config.link(&format!("/invitations/{}", token.expose()))
}

/// The token of a link that was sealed for copying; `None` if its key is lost.
pub(super) fn unsealed(app: &App, id: InvitationLinkId, sealed: &[u8]) -> Option<Token> {
    let token = app.keyring.open(&Column::Link.context(id), sealed).ok()?;
    Token::parse(str::from_utf8(&token).ok()?)
}

/// Sends an invitation again, to `email`, for another seven days. From now on it depends on the
/// authority of the actor.
///
/// # Errors
/// [`AppError::AddressUnproved`] while the actor's address is not confirmed; [`AppError::TooMany`]
/// above a limit of the organization, the invitation, the actor or the address.
pub(super) async fn send_again(
    tx: &mut OrgTx,
    org: &Context,
    invitation: &Invitation,
    email: &EmailAddress,
) -> Result<()> {
    may_send(tx, org).await?;
    if sql::links_of(tx, invitation.id, org.now.plus(-Duration::days(1))).await?
        >= LINKS_PER_INVITATION
    {
        let words = format!("You can send an invitation up to {LINKS_PER_INVITATION} times a day.");
        return Err(AppError::over_limit(format!("{words} {INSTEAD}")));
    }
    let mut allowance = Allowance::held(tx, org.user.id, [email]).await?;
    if let Err(limit) = allowance.take(tx, email).await? {
        let words = limits::words(limit, &allowance);
        return Err(AppError::over_limit(format!("{words} {INSTEAD}")));
    }
    // A message of somebody who may write one is not sent in the name of somebody who may not.
    let message = if allowance.level.may_write { invitation.message.as_str() } else { "" };
    let draft =
        Draft { email, role: &invitation.role.key, message, invited_by: org.user.id, now: org.now };
    sql::renew(tx, invitation.id, &draft).await?;
    send_link(tx, invitation.id, &draft, letterhead(org, &invitation.role.name)).await
}
