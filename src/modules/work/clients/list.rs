//! The list of clients.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::SECTION;
use super::model::Client;
use crate::core::access::{Viewer, visible};
use crate::modules::work::clients::noun::EditClients;
use crate::platform::db::join::join;
use crate::platform::db::like_pattern;
use crate::platform::db::row::FromRow;
use crate::platform::list::{Choice, Index, State, index_page, list};
use crate::platform::web::Shell;

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

/// The page of the list.
#[derive(Template)]
#[template(path = "work/clients/index.html", blocks = ["list"])]
struct IndexPage {
    shell: Shell,
    index: Index<Clients>,
}

index_page!(IndexPage, Clients, seen by Viewer, in SECTION, edited by EditClients);
