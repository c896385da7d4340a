//! The invitation is for another address than the one somebody is signed in with: they ask the
//! inviter to change it, and the inviter does so with one click, or does not.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::landing::{InvitationLink, LandingPage};
use super::link::send_again;
use super::mail::ChangeRequested;
use super::manage::find_for;
use super::model::View;
use super::sql::{self, Found, Invitation};
use crate::core::invitations::noun::{INVITATION_CHANGE_ASKED, INVITATION_READDRESSED};
use crate::core::members::noun::InviteMembers;
use crate::core::members::{self, invitation_row};
use crate::core::notices::{self, Notice};
use crate::platform::App;
use crate::platform::audit::Entry;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::InvitationId;
use crate::platform::mail::{Quoted, outbox};
use crate::platform::session::CurrentUser;
use crate::platform::tenant::{CurrentOrg, OrgTx};
use crate::platform::web::form::Fields;
use crate::platform::web::opened::Opened;
use crate::platform::web::{Flash, Form, Htmx, Id, Shell};

/// `POST /invitations/link/{link}/ask`: spends nothing, and asks once.
pub async fn ask(
    user: CurrentUser,
    State(app): State<App>,
    link: Opened<InvitationLink>,
) -> Result<Response> {
    let page = LandingPage::load(&app, Some(&user), &link, Shell::default()).await?;
    if page.view != View::SomebodyElse {
        return page.respond();
    }
    let found = &page.found;
    let tx = user.write(&app).await?;
    let mut tx = tx.enter(found.organization_id).await?;
    let invitation = sql::find(&mut tx, found.id).await?.ok_or(AppError::NotFound)?;
    if invitation.requested_email.as_ref().is_some_and(|other| *other != user.email) {
        return Err(AppError::Conflict(
            format!("{} has already been asked to change it to another address.", found.inviter)
                .into(),
        ));
    }
    let object = sql::object(invitation.id, &invitation.email);
    if sql::request_change(&mut tx, found.id, &user.email).await? {
        tell(&mut tx, &user, found, &invitation).await?;
        let asked = Entry::new(INVITATION_CHANGE_ASKED, object).person(user.id);
        tx.record(asked.after(json!({ "email": user.email.as_str() })));
    }
    tx.commit().await?;
    Ok(Flash::redirect(
        &link.path,
        format!("{} was asked to change the invitation to {}.", found.inviter, user.email),
    ))
}

/// Tells whoever has sent the invitation, while they are a member and want such mails.
async fn tell(
    tx: &mut OrgTx,
    user: &CurrentUser,
    found: &Found,
    invitation: &Invitation,
) -> Result<()> {
    let Some(inviter) = members::find_by_user(tx, invitation.invited_by).await? else {
        return Ok(());
    };
    let way_out = notices::wanted(tx, inviter.membership_id, Notice::Invitations).await?;
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

/// The address that the page showed, so that no other one is agreed to.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReaddressForm {
    email: String,
}

impl Fields for ReaddressForm {}

/// `POST /orgs/{slug}/invitations/{id}/readdress`: sends the invitation to the address that was
/// asked for, in place of the first.
pub async fn readdress(
    org: CurrentOrg<InviteMembers>,
    htmx: Htmx,
    Id(id): Id<InvitationId>,
    Form(form): Form<ReaddressForm>,
) -> Result<Response> {
    let (mut tx, actor) = org.write_locked().await?;
    let invitation = find_for(&mut tx, &actor, id).await?;
    let email = invitation.requested_email.as_ref();
    let email = email.filter(|email| email.as_str() == form.email).ok_or_else(|| {
        AppError::Conflict("Nobody is asking to change it to this address any longer.".into())
    })?;
    must_be_free(&mut tx, email).await?;
    send_again(&mut tx, &org, &invitation, email).await?;
    tx.record(
        invitation
            .entry(INVITATION_READDRESSED)
            .before(json!({ "email": invitation.email.as_str() }))
            .after(json!({ "email": email.as_str() })),
    );
    let words = format!("The invitation is now for {email}.");
    invitation_row(tx, &org, htmx, id, words).await
}

/// `email` as an address that is bound to no one in the organization yet, for an invitation that
/// changes its address.
async fn must_be_free(tx: &mut OrgTx, email: &EmailAddress) -> Result<()> {
    if sql::is_member(tx, email).await? {
        return Err(AppError::Conflict(format!("{email} is already a member.").into()));
    }
    if sql::find_pending(tx, email).await?.is_some() {
        return Err(AppError::Conflict(format!("{email} is already invited.").into()));
    }
    Ok(())
}
