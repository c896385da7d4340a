//! The table of members and invitations: searched, filtered, sorted and paged by the database.

use askama::Template;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::SECTION;
use super::choices::roles_and_filters;
use super::people::People;
use super::row::{RowContext, RowView};
use crate::core::members::noun::{InviteMembers, ManageMembers, ViewMembers};
use crate::platform::error::Result;
use crate::platform::list::saved::Saved;
use crate::platform::list::{Index, Request};
use crate::platform::tenant::{CurrentOrg, Role};
use crate::platform::web::flash::Received;
use crate::platform::web::{Htmx, Shell};

/// The table's filter.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct PeopleFilter {
    pub(super) q: String,
    pub(super) role: String,
}

inventory::submit!(Saved(SECTION));

#[derive(Template)]
#[template(path = "core/members/index.html", blocks = ["list"])]
struct IndexPage {
    shell: Shell,
    index: Index<People, RowView>,
    roles: Vec<Role>,
    can_manage: bool,
}

/// `GET /orgs/{slug}/members`
pub async fn index(
    org: CurrentOrg<ViewMembers>,
    htmx: Htmx,
    received: Received,
    request: Request<People>,
) -> Result<Response> {
    let mut tx = org.read().await?;
    let list = request.load(&mut tx, &()).await?;
    let (roles, saved) = roles_and_filters(&mut tx, org.membership.id).await?;
    tx.commit().await?;
    let context = RowContext::with(&org, roles);
    let list = list.map(|row| context.view(row.person))?;
    let can_invite = org.membership.role.can(InviteMembers::PERMISSION);
    let page = IndexPage {
        shell: org.shell(SECTION).with(received),
        index: Index::new(&org, SECTION, list, saved, can_invite),
        roles: context.roles().to_vec(),
        can_manage: org.membership.role.can(ManageMembers::PERMISSION),
    };
    htmx.render(&page, page.as_list())
}
