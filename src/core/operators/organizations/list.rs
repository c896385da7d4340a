//! All organizations of the installation: searched, filtered, sorted and paged by the database.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::sql::{OrganizationRow, columns};
use crate::core::operators::Tab;
use crate::core::operators::index::OperatorIndex;
use crate::core::operators::status::Status;
use crate::core::operators::visits::{self, MyVisit};
use crate::platform::App;
use crate::platform::db::like_pattern;
use crate::platform::error::Result;
use crate::platform::list::{Maybe, Request, list};
use crate::platform::session::CurrentOperator;
use crate::platform::web::flash::Received;
use crate::platform::web::{Htmx, Shell};

/// The path of the list.
pub(in crate::core::operators) const PATH: &str = "/operator/organizations";

/// The list's filter.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct OrganizationFilter {
    q: String,
    status: Maybe<Status>,
}

list! {
    /// The organizations of the installation. If nobody was ever active in one, the day of its
    /// creation counts.
    pub Organizations: OrganizationRow, filtered by OrganizationFilter, seen by ();
    unscoped_sql(1) {
        select columns!(),
        from "organizations o",
        where "o.deleted_at is null
            and $status <> 'deleted'
            and ($status = '' or ($status = 'suspended') = (o.suspended_at is not null))
            and (o.name_key like $search escape '\\' or o.slug like $search escape '\\')",
        id "o.id",
    }
    bind |filter, ()| { status: filter.status.text(), search: like_pattern(&filter.q) }
    id |row| row.id.uuid();
    sort "name" "Organization": Text "o.name_key" asc, |row| row.name_key.clone();
    sort "members" "Members": Number "o.member_count" desc, |row| row.member_count;
    sort "active" "Last activity": Time "coalesce(o.last_active_at, o.created_at)" desc,
        |row| row.last_active_at.unwrap_or(row.created_at);
    sort "created" "Created": Time "o.created_at" desc, |row| row.created_at;
}

#[derive(Template)]
#[template(path = "core/operators/organizations/index.html", blocks = ["list"])]
struct IndexPage {
    shell: Shell,
    index: OperatorIndex<Organizations>,
    visits: Vec<MyVisit>,
}

/// `GET /operator/organizations`
pub async fn index(
    operator: CurrentOperator,
    State(app): State<App>,
    htmx: Htmx,
    received: Received,
    request: Request<Organizations>,
) -> Result<Response> {
    let mut tx = operator.read(&app).await?;
    let index = OperatorIndex::load(&mut tx, &operator, Tab::Organizations, request, &()).await?;
    let visits = visits::my_visits(&mut tx, operator.id, operator.now).await?;
    tx.commit().await?;
    let page = IndexPage { shell: Shell::signed_in(&operator).with(received), index, visits };
    htmx.render(&page, page.as_list())
}
