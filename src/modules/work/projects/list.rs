//! The list of projects.

use askama::Template;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::SECTION;
use crate::core::access::noun::{ClientId, CreateProjects};
use crate::core::access::project::{Project, Status};
use crate::core::access::{OwnRoles, ProjectRole, Viewer, visible};
use crate::modules::work::clients::Client;
use crate::platform::clock::Day;
use crate::platform::error::Result;
use crate::platform::list::saved::Saved;
use crate::platform::list::{Choice, Flag, Index, Maybe, Request, State};
use crate::platform::noun::prelude::*;
use crate::platform::noun::record::{InOrganization, Selectable};
use crate::platform::tenant::CurrentOrg;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::web::flash::Received;
use crate::platform::web::{Htmx, Shell};

/// The list's filter.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ProjectFilter {
    q: String,
    status: Maybe<Status>,
    client: Maybe<ClientId>,
    mine: Flag,
    state: Choice<State>,
}

/// A row of the list.
#[derive(Clone, Debug, FromRow)]
pub struct ProjectRow {
    #[sqlx(flatten)]
    project: Project,
    open_tasks: i64,
}

inventory::submit!(Saved(SECTION));

list! {
    /// The projects that the viewer can see.
    pub Projects: ProjectRow, filtered by ProjectFilter, seen by Viewer;
    sql(4) {
        select join!(
            Project::COLUMNS,
            ", (select count(*) from tasks t
                where t.organization_id = $1 and t.project_id = p.id and t.status <> 'done'
                    and t.deleted_at is null and t.archived_at is null) as open_tasks"
        ),
        from "projects p",
        where concat!(
            searched!("p", "search_key"),
            " and ($status = '' or p.status = $status)
             and (not $has_client or p.client_id = $client)
             and (not $mine or exists (
                select 1 from project_members o
                where o.organization_id = $1 and o.project_id = p.id and o.membership_id = $3))
             and ",
            visible!(even deleted "p")
        ),
        id "p.id",
    }
    bind |filter, viewer| {
        state: filter.state.0,
        search: like_pattern(&filter.q),
        status: filter.status.text(),
        has_client: filter.client.0.is_some(),
        client: filter.client.0,
        mine: filter.mine.0,
    } behind (viewer.sees_all(), viewer.membership())
    id |row| row.project.id.uuid();
    sort "name" "Name": Text "p.name_key" asc, |row| row.project.name_key.clone();
    sort "due" "Due": Day "coalesce(p.due_on, '9999-12-31')" asc,
        |row| row.project.details.due_on.unwrap_or(Day::LAST);
    sort "changed" "Updated": Time "p.updated_at" desc, |row| row.project.updated_at;
}

#[derive(Template)]
#[template(path = "work/projects/index.html", blocks = ["list"])]
struct IndexPage {
    shell: Shell,
    index: Index<Projects>,
    clients: Vec<Selectable<ClientId>>,
    /// What the viewer may do, if the list shows deleted projects.
    roles: Option<OwnRoles>,
}

impl IndexPage {
    fn can_restore(&self, project: &Project) -> bool {
        let is_restricted = project.details.is_restricted;
        let roles = self.roles.as_ref();
        roles.is_some_and(|roles| roles.include(project.id, is_restricted, ProjectRole::Lead))
    }
}

/// `GET /orgs/{slug}/projects`
pub async fn index(
    org: CurrentOrg<AnyMember>,
    htmx: Htmx,
    received: Received,
    request: Request<Projects>,
) -> Result<Response> {
    let mut tx = org.read().await?;
    let can_add = org.membership.role.can(CreateProjects::PERMISSION);
    let index = Index::load(&mut tx, &org, SECTION, request, &Viewer::of(&org), can_add).await?;
    let clients = match htmx.wants_fragment {
        true => Vec::new(),
        false => Client::choices(&mut tx, index.list.filter.client.0).await?,
    };
    let roles = match index.list.filter.state.0 {
        State::Deleted => Some(OwnRoles::load(&mut tx, Viewer::of(&org)).await?),
        _ => None,
    };
    tx.commit().await?;
    let page = IndexPage { shell: org.shell(SECTION).with(received), index, clients, roles };
    htmx.render(&page, page.as_list())
}
