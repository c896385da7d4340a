//! Resending, revoking and copying the link of an invitation.

use askama::Template;
use axum::response::Response;

use super::link::{self, send_again};
use super::sql::{self, Invitation};
use crate::core::invitations::noun::{INVITATION_RESENT, INVITATION_REVOKED};
use crate::core::members;
use crate::core::members::noun::InviteMembers;
use crate::core::members::{gone_fragment, invitation_row};
use crate::platform::error::{AppError, Result};
use crate::platform::ids::InvitationId;
use crate::platform::mail::outbox;
use crate::platform::sealed::Column;
use crate::platform::secrets::Token;
use crate::platform::tenant::{Actor, CurrentOrg, OrgTx, Organization};
use crate::platform::web::{Flash, Htmx, Id, Shell, page};

/// The invitation `id`, if it still waits and the actor's role reaches what it offers.
pub(super) async fn find_for(
    tx: &mut OrgTx,
    actor: &Actor,
    id: InvitationId,
) -> Result<Invitation> {
    let invitation = sql::find(tx, id).await?.ok_or(AppError::NotFound)?;
    if !actor.role.reaches(invitation.role.rank) {
        return Err(AppError::Refused("This role is above yours.".into()));
    }
    match invitation.status.as_str() {
        "pending" => Ok(invitation),
        "accepted" => {
            Err(AppError::Conflict("This invitation has been accepted in the meantime.".into()))
        }
        "declined" => {
            Err(AppError::Conflict("This invitation has been declined in the meantime.".into()))
        }
        _ => Err(AppError::Conflict("This invitation has been revoked in the meantime.".into())),
    }
}

/// `POST /orgs/{slug}/invitations/{id}/resend`: a new link for another seven days; the old one
/// says so. From here on it stands with the authority of whoever has resent it.
pub async fn resend(
    org: CurrentOrg<InviteMembers>,
    htmx: Htmx,
    Id(id): Id<InvitationId>,
) -> Result<Response> {
    let (mut tx, actor) = org.write_locked().await?;
    let invitation = find_for(&mut tx, &actor, id).await?;
    send_again(&mut tx, &org, &invitation, &invitation.email).await?;
    tx.record(invitation.entry(INVITATION_RESENT));
    let words = match outbox::is_sent(&org.app) {
        true => format!("A new link is on its way to {}.", invitation.email),
        false => {
            format!("There is a new link for {}: copy it and pass it on.", invitation.email)
        }
    };
    invitation_row(tx, &org, htmx, id, words).await
}

/// `POST /orgs/{slug}/invitations/{id}/revoke`
pub async fn revoke(
    org: CurrentOrg<InviteMembers>,
    htmx: Htmx,
    Id(id): Id<InvitationId>,
) -> Result<Response> {
    let (mut tx, actor) = org.write_locked().await?;
    let invitation = find_for(&mut tx, &actor, id).await?;
    sql::answer(&mut tx, id, "revoked", org.now).await?;
    sql::withdraw_mails(&mut tx, id).await?;
    tx.record(invitation.entry(INVITATION_REVOKED));
    tx.commit().await?;
    let words = format!("The invitation for {} has been revoked.", invitation.email);
    if htmx.wants_fragment {
        gone_fragment(words)
    } else {
        Ok(Flash::redirect(&org.organization.path("/members"), words))
    }
}

#[derive(Template)]
#[template(path = "core/invitations/link.html")]
struct LinkPage {
    shell: Shell,
    organization: Organization,
    invitation: Invitation,
    url: String,
}

#[derive(Template)]
#[template(path = "core/invitations/_link_row.html")]
struct LinkRow {
    organization: Organization,
    invitation: Invitation,
    url: String,
}

/// `GET /orgs/{slug}/invitations/{id}/link`: the link itself, to hand over without mail.
pub async fn copy_link(
    org: CurrentOrg<InviteMembers>,
    htmx: Htmx,
    Id(id): Id<InvitationId>,
) -> Result<Response> {
    let mut tx = org.read().await?;
    let invitation = sql::find(&mut tx, id).await?.ok_or(AppError::NotFound)?;
    if !org.membership.role.reaches(invitation.role.rank) {
        return Err(AppError::Refused("This role is above yours.".into()));
    }
    let newest = sql::newest_link(&mut tx, id).await?.filter(|_| invitation.is_pending());
    tx.commit().await?;
    let (id, sealed) =
        newest.ok_or_else(|| AppError::Conflict("This invitation is no longer open.".into()))?;
    let token = org
        .app
        .keyring
        .open(&Column::Link.context(id), &sealed)
        .ok()
        .and_then(|token| Token::parse(std::str::from_utf8(&token).ok()?))
        .ok_or_else(|| {
            AppError::Conflict(
                "This link can no longer be shown, because the server has lost its key for it. \
                 Send the invitation again to get a new one."
                    .into(),
            )
        })?;
    let url = link::url(&org.app, &token);
    let organization = org.organization.clone();
    if htmx.wants_fragment {
        page(&LinkRow { organization, invitation, url })
    } else {
        page(&LinkPage { shell: org.shell(members::SECTION), organization, invitation, url })
    }
}
