//! Managing an invitation from its row: sending it again or to another address, revoking it, and
//! copying its link.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::commands;
use super::sql::Invitation;
use crate::core::members;
use crate::core::members::noun::InviteMembers;
use crate::platform::error::Result;
use crate::platform::ids::InvitationId;
use crate::platform::mail::outbox;
use crate::platform::tenant::{CurrentOrg, Organization};
use crate::platform::web::form::Fields;
use crate::platform::web::{Form, Htmx, Id, Shell, page_with_secret};

/// `POST /orgs/{slug}/invitations/{id}/resend`
pub async fn resend(
    org: CurrentOrg<InviteMembers>,
    htmx: Htmx,
    Id(id): Id<InvitationId>,
) -> Result<Response> {
    let email = commands::resend(&org, id).await?.email;
    let words = match outbox::is_sent(&org.app) {
        true => format!("We've sent a new link to {email}."),
        false => format!("New link created for {email}. Copy it and share it yourself."),
    };
    members::row_changed(&org, htmx, id.uuid(), words, None).await
}

/// `POST /orgs/{slug}/invitations/{id}/revoke`
pub async fn revoke(
    org: CurrentOrg<InviteMembers>,
    htmx: Htmx,
    Id(id): Id<InvitationId>,
) -> Result<Response> {
    let email = commands::revoke(&org, id).await?.email;
    members::row_gone(&org, htmx, format!("Invitation for {email} revoked."))
}

/// The address that the page showed, so that no other one is agreed to.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReaddressForm {
    email: String,
}

impl Fields for ReaddressForm {}

/// `POST /orgs/{slug}/invitations/{id}/readdress`
pub async fn readdress(
    org: CurrentOrg<InviteMembers>,
    htmx: Htmx,
    Id(id): Id<InvitationId>,
    Form(form): Form<ReaddressForm>,
) -> Result<Response> {
    commands::readdress(&org, id, &form.email).await?;
    let words = format!("Invitation sent to {}.", form.email);
    members::row_changed(&org, htmx, id.uuid(), words, None).await
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

/// `GET /orgs/{slug}/invitations/{id}/link`: the link itself, to hand over without email.
pub async fn copy_link(
    org: CurrentOrg<InviteMembers>,
    htmx: Htmx,
    Id(id): Id<InvitationId>,
) -> Result<Response> {
    let (invitation, url) = commands::copy_link(&org, id).await?;
    let organization = org.organization.clone();
    if htmx.wants_fragment {
        page_with_secret(&LinkRow { organization, invitation, url })
    } else {
        page_with_secret(&LinkPage {
            shell: org.shell(members::SECTION),
            organization,
            invitation,
            url,
        })
    }
}
