//! Removing a member, after a page that says what will end.

use askama::Template;
use axum::response::Response;

use super::sql::{self, Consequences, Target};
use super::{SECTION, commands, row};
use crate::core::members::noun::ManageMembers;
use crate::platform::error::Result;
use crate::platform::ids::MembershipId;
use crate::platform::tenant::{CurrentOrg, Organization};
use crate::platform::web::{Htmx, Id, Shell, page};

#[derive(Template)]
#[template(path = "core/members/remove.html")]
struct RemovePage {
    shell: Shell,
    organization: Organization,
    target: Target,
    consequences: Consequences,
}

#[derive(Template)]
#[template(path = "core/members/_remove_row.html")]
struct RemoveRow {
    organization: Organization,
    target: Target,
    consequences: Consequences,
}

/// `GET /orgs/{slug}/members/{id}/remove`
pub async fn confirm(
    org: CurrentOrg<ManageMembers>,
    htmx: Htmx,
    Id(id): Id<MembershipId>,
) -> Result<Response> {
    let mut tx = org.read().await?;
    let target = commands::find_changeable(&mut tx, id, org.user.id, &org.membership.role).await?;
    let consequences = sql::consequences(&mut tx, target.user_id, org.now).await?;
    tx.commit().await?;
    let organization = org.organization.clone();
    if htmx.wants_fragment {
        page(&RemoveRow { organization, target, consequences })
    } else {
        page(&RemovePage { shell: org.shell(SECTION), organization, target, consequences })
    }
}

/// `POST /orgs/{slug}/members/{id}/remove`
pub async fn remove(
    org: CurrentOrg<ManageMembers>,
    htmx: Htmx,
    Id(id): Id<MembershipId>,
) -> Result<Response> {
    let member = commands::remove(&org, id).await?;
    row::gone(&org, htmx, format!("{} is no longer a member.", member.name))
}
