//! The list of clients.

use askama::Template;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::SECTION;
use super::model::Client;
use crate::core::access::{Viewer, visible};
use crate::modules::work::clients::noun::EditClients;
use crate::platform::clock::Timestamp;
use crate::platform::db::join::join;
use crate::platform::db::like_pattern;
use crate::platform::db::row::FromRow;
use crate::platform::error::Result;
use crate::platform::list::{Bar, Choice, Request, State, View, list};
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, Organization};
use crate::platform::web::flash::Received;
use crate::platform::web::{Htmx, Shell};

/// The list's filter.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ClientFilter {
    q: String,
    state: Choice<State>,
}

/// A row of the list.
#[derive(Clone, Debug, FromRow)]
pub struct ClientRow {
    #[sqlx(flatten)]
    client: Client,
    /// The number of its projects that the viewer can see.
    projects: i64,
}

list! {
    /// The clients of an organization.
    pub Clients: ClientRow, filtered by ClientFilter, seen by Viewer;
    sql(4) {
        select join!(
            Client::COLUMNS,
            ", (select count(*) from projects p
                where p.organization_id = $1 and p.client_id = c.id and ",
            visible!("p"),
            ") as projects"
        ),
        from "clients c",
        where "c.organization_id = $1 and (c.deleted_at is not null) = ($state = 'deleted')
            and ($state in ('all', 'deleted')
                or (c.archived_at is not null) = ($state = 'archived'))
            and ($search = '%%' or c.search_key like $search escape '\\')",
        id "c.id",
    }
    bind |filter, viewer| {
        state: filter.state.0,
        search: like_pattern(&filter.q),
    } behind (viewer.sees_all(), viewer.membership())
    id |row| row.client.id.uuid();
    sort "name" "Name": Text "c.name_key" asc, |row| row.client.name_key.clone();
    sort "changed" "Changed": Time "c.updated_at" desc, |row| row.client.updated_at;
}

#[derive(Template)]
#[template(path = "work/clients/index.html", blocks = ["list"])]
struct IndexPage {
    shell: Shell,
    organization: Organization,
    list: View<Clients>,
    bar: Bar,
    can_edit: bool,
    now: Timestamp,
}

/// `GET /orgs/{slug}/clients`
pub async fn index(
    org: CurrentOrg<AnyMember>,
    htmx: Htmx,
    received: Received,
    request: Request<Clients>,
) -> Result<Response> {
    let mut tx = org.read().await?;
    let list = request.load(&mut tx, &Viewer::of(&org)).await?;
    let bar = Bar::load(&mut tx, &org, "clients", list.query()).await?;
    tx.commit().await?;
    let page = IndexPage {
        shell: org.shell(SECTION).with(received),
        organization: org.organization.clone(),
        list,
        bar,
        can_edit: org.membership.role.can(EditClients::PERMISSION),
        now: org.now,
    };
    htmx.render(&page, page.as_list())
}
