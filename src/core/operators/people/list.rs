//! All accounts of the installation: searched, filtered, sorted and paged by the database.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::sql::{Person, columns};
use crate::core::operators::Tab;
use crate::core::operators::index::OperatorIndex;
use crate::core::operators::status::Status;
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::like_pattern;
use crate::platform::error::Result;
use crate::platform::list::{Maybe, Request, list};
use crate::platform::session::CurrentOperator;
use crate::platform::session::limits::{IDLE, IDLE_KEPT};
use crate::platform::web::flash::Received;
use crate::platform::web::{Htmx, Shell};

/// The path of the list.
pub(in crate::core::operators) const PATH: &str = "/operator/people";

/// The list's filter.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct PeopleFilter {
    pub(super) q: String,
    pub(super) status: Maybe<Status>,
}

list! {
    /// The accounts of the installation. Counts are only computed for those on the page.
    pub People: Person, filtered by PeopleFilter, seen by Timestamp;
    unscoped_sql(4) {
        select "a.*",
        from "users a",
        where "($status = '' or ($status = 'deleted') = (a.deleted_at is not null)
                and ($status = 'suspended') = (a.deleted_at is null and a.suspended_at is not null))
            and (a.name_key like $search escape '\\' or a.email like $search escape '\\')",
        id "a.id",
        show columns!(), as "u",
    }
    bind |filter, now| {
        status: filter.status.text(),
        search: like_pattern(&filter.q),
    } behind (*now, now.plus(-IDLE), now.plus(-IDLE_KEPT))
    id |row| row.id.uuid();
    sort "name" "Person": Text "a.name_key" asc, |row| row.name_key.clone();
    sort "created" "Signed up": Time "a.created_at" desc, |row| row.created_at;
}

#[derive(Template)]
#[template(path = "core/operators/people/index.html", blocks = ["list"])]
struct IndexPage {
    shell: Shell,
    index: OperatorIndex<People>,
}

/// `GET /operator/people`
pub async fn index(
    operator: CurrentOperator,
    State(app): State<App>,
    htmx: Htmx,
    received: Received,
    request: Request<People>,
) -> Result<Response> {
    let mut tx = operator.read(&app).await?;
    let index =
        OperatorIndex::load(&mut tx, &operator, Tab::People, request, &operator.now).await?;
    tx.commit().await?;
    let page = IndexPage { shell: Shell::signed_in(&operator).with(received), index };
    htmx.render(&page, page.as_list())
}
