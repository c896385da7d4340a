//! The list of clients, and their pages. The projects of a deleted client stay, and still show its
//! name.

use super::model::{Client, ClientForm};
use crate::core::access::{Viewer, visible};
use crate::platform::noun::prelude::*;

/// A row of the list.
#[derive(Clone, Debug, FromRow)]
pub struct ClientRow {
    #[sqlx(flatten)]
    record: Client,
    /// The number of its projects that the viewer can see.
    projects: i64,
}

list! {
    /// The clients of an organization.
    pub Clients: ClientRow, filtered by Search, seen by Viewer;
    sql(4) {
        select join!(
            Client::COLUMNS,
            ", (select count(*) from projects p
                where p.organization_id = $1 and p.client_id = c.id and ",
            visible!("p"),
            ") as projects"
        ),
        from "clients c",
        where searched!("c", "search_key"),
        id "c.id",
    }
    bind |filter, viewer| {
        state: filter.state.0,
        search: like_pattern(&filter.q),
    } behind (viewer.sees_all(), viewer.membership())
    id |row| row.record.id.uuid();
    sort "name" "Name": Text "c.name_key" asc, |row| row.record.name_key.clone();
    sort "changed" "Updated": Time "c.updated_at" desc, |row| row.record.updated_at;
}

plain_pages!(
    Client: ClientForm in "work/clients/form.html", Clients in "work/clients/index.html"
);
