//! Changing a member from their row: another role, suspending and reactivating. A suspended
//! membership continues to exist, but opens nothing.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::commands::{self, RoleChange};
use super::sql::Target;
use super::{SECTION, row};
use crate::core::members::noun::ManageMembers;
use crate::platform::error::Result;
use crate::platform::ids::MembershipId;
use crate::platform::tenant::{CurrentOrg, Organization, RoleKey, in_words};
use crate::platform::web::form::Fields;
use crate::platform::web::{Form, Htmx, Id, Params, Shell, page};

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoleForm {
    role: String,
}

impl Fields for RoleForm {}

/// `POST /orgs/{slug}/members/{id}/role`: the role is in the form, or in the address of the button
/// that undoes a change.
pub async fn change_role(
    org: CurrentOrg<ManageMembers>,
    htmx: Htmx,
    Id(id): Id<MembershipId>,
    Params(before): Params<RoleForm>,
    Form(form): Form<RoleForm>,
) -> Result<Response> {
    let is_undo = !before.role.is_empty();
    let role = if is_undo { before.role } else { form.role };
    let change = commands::change_role(&org, id, &RoleKey::from(role)).await?;
    let undo = change.undo(&org.organization).filter(|_| !is_undo);
    row::changed(&org, htmx, id.uuid(), change.words(), undo).await
}

#[derive(Template)]
#[template(path = "core/members/suspend.html")]
struct SuspendPage {
    shell: Shell,
    organization: Organization,
    target: Target,
}

#[derive(Template)]
#[template(path = "core/members/_suspend_row.html")]
struct SuspendRow {
    organization: Organization,
    target: Target,
}

/// `GET /orgs/{slug}/members/{id}/suspend`
pub async fn confirm_suspend(
    org: CurrentOrg<ManageMembers>,
    htmx: Htmx,
    Id(id): Id<MembershipId>,
) -> Result<Response> {
    let mut tx = org.read().await?;
    let target = commands::find_changeable(&mut tx, id, org.user.id, &org.membership.role).await?;
    tx.commit().await?;
    let organization = org.organization.clone();
    if htmx.wants_fragment {
        page(&SuspendRow { organization, target })
    } else {
        page(&SuspendPage { shell: org.shell(SECTION), organization, target })
    }
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
        false => format!("{} suspended.{}", member.name, revoked_words(revoked)),
    };
    let undo =
        (!member.is_suspended).then(|| org.organization.path(&format!("/members/{id}/reactivate")));
    row::changed(&org, htmx, id.uuid(), words, undo).await
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
    row::changed(&org, htmx, id.uuid(), words, None).await
}

impl RoleChange {
    /// The message to the person who has changed the role.
    pub(super) fn words(&self) -> String {
        let Self { member, role, revoked } = self;
        format!("{} is now {}.{}", member.name, in_words(&role.name), revoked_words(*revoked))
    }

    /// The path that gives the member back the role that they had, if it was another one.
    fn undo(&self, organization: &Organization) -> Option<String> {
        let (id, old) = (self.member.membership_id, &self.member.role.key);
        (*old != self.role.key)
            .then(|| organization.path(&format!("/members/{id}/role?role={old}")))
    }
}

/// The sentence about the invitations that were revoked, with a leading space.
fn revoked_words(revoked: u64) -> String {
    match revoked {
        0 => String::new(),
        1 => " 1 invitation they sent was revoked.".to_owned(),
        count => format!(" {count} invitations they sent were revoked."),
    }
}
