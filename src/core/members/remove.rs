//! Removing a member: first what it will end, then the act.

use askama::Template;
use axum::response::Response;
use serde_json::json;

use super::SECTION;
use super::change::find_changeable;
use super::depart::depart;
use super::row::gone_fragment;
use super::sql::{self, Consequences, Target};
use crate::core::members::noun::{MEMBER_REMOVED, ManageMembers};
use crate::platform::error::Result;
use crate::platform::ids::MembershipId;
use crate::platform::tenant::{CurrentOrg, Organization};
use crate::platform::web::{Flash, Htmx, Id, Shell, page};

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
    let target = find_changeable(&mut tx, id, org.user.id, &org.membership.role).await?;
    let consequences = sql::consequences(&mut tx, target.user_id).await?;
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
    let (mut tx, actor) = org.write_locked().await?;
    let target = find_changeable(&mut tx, id, actor.user_id, &actor.role).await?;
    depart(&mut tx, &target, org.now).await?;
    sql::withdraw_mails_of_revoked(&mut tx).await?;
    tx.record(target.entry(MEMBER_REMOVED).before(json!({ "role": target.role.key })));
    tx.commit().await?;
    let words = format!("{} is no longer a member.", target.name);
    if htmx.wants_fragment {
        gone_fragment(words)
    } else {
        Ok(Flash::redirect(&org.organization.path("/members"), words))
    }
}
