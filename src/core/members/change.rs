//! Changing a member from their row: another role, suspending and reactivating. A suspended
//! membership continues to exist, but opens nothing.

use axum::response::Response;
use serde::Deserialize;

use super::commands::{self, RoleChange};
use super::row;
use crate::core::members::noun::ManageMembers;
use crate::platform::error::Result;
use crate::platform::ids::MembershipId;
use crate::platform::tenant::{CurrentOrg, RoleKey};
use crate::platform::web::form::Fields;
use crate::platform::web::{Form, Htmx, Id};

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoleForm {
    role: String,
}

impl Fields for RoleForm {}

/// `POST /orgs/{slug}/members/{id}/role`
pub async fn change_role(
    org: CurrentOrg<ManageMembers>,
    htmx: Htmx,
    Id(id): Id<MembershipId>,
    Form(form): Form<RoleForm>,
) -> Result<Response> {
    let change = commands::change_role(&org, id, &RoleKey::from(form.role)).await?;
    row::changed(&org, htmx, id.uuid(), change.words()).await
}

/// `POST /orgs/{slug}/members/{id}/suspend`
pub async fn suspend(
    org: CurrentOrg<ManageMembers>,
    htmx: Htmx,
    Id(id): Id<MembershipId>,
) -> Result<Response> {
    let (member, revoked) = commands::suspend(&org, id).await?;
    let words = match member.is_suspended {
        true => format!("{} is already suspended.", member.name),
        false => format!("{} has been suspended.{}", member.name, revoked_words(revoked)),
    };
    row::changed(&org, htmx, id.uuid(), words).await
}

/// `POST /orgs/{slug}/members/{id}/reactivate`
pub async fn reactivate(
    org: CurrentOrg<ManageMembers>,
    htmx: Htmx,
    Id(id): Id<MembershipId>,
) -> Result<Response> {
    let member = commands::reactivate(&org, id).await?;
    let words = match member.is_suspended {
        true => format!("{} is active again.", member.name),
        false => format!("{} is already active.", member.name),
    };
    row::changed(&org, htmx, id.uuid(), words).await
}

impl RoleChange {
    /// The message to the person who has changed the role.
    pub(super) fn words(&self) -> String {
        let Self { member, role, revoked } = self;
        format!("{} is now {}.{}", member.name, role.name, revoked_words(*revoked))
    }
}

/// The sentence about the invitations that were revoked, with a leading space.
fn revoked_words(revoked: u64) -> String {
    match revoked {
        0 => String::new(),
        1 => " One invitation they sent has been revoked.".to_owned(),
        count => format!(" {count} invitations they sent have been revoked."),
    }
}
