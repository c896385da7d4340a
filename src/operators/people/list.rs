//! All accounts of the installation: searched, filtered, sorted and paged by the database.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::model::Sort;
use super::sql::{self, Filter, Person};
use crate::error::Result;
use crate::operators::{Status, Tab};
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::session::CurrentOperator;
use crate::platform::web::flash::Received;
use crate::platform::web::listing::{Place, aria_sort, query_string};
use crate::platform::web::pager::Pager;
use crate::platform::web::{Htmx, Params, Shell, see_other};

/// Where the list is.
pub(in crate::operators) const PATH: &str = "/operator/people";

/// What the URL carries: search, filter, order and place.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListParams {
    q: String,
    status: String,
    sort: String,
    after: String,
    before: String,
}

#[derive(Template)]
#[template(path = "operators/people/index.html", blocks = ["list"])]
struct IndexPage {
    shell: Shell,
    tab: Tab,
    rows: Vec<Person>,
    pager: Pager,
    params: ListParams,
    status: Status,
    sort: Sort,
    now: Timestamp,
}

impl IndexPage {
    fn sorted(&self, sort: Sort) -> String {
        path(&self.params, sort, None)
    }

    fn direction(&self, sort: Sort) -> &'static str {
        aria_sort(sort == self.sort, sort.is_descending())
    }
}

/// `GET /operator/people`
pub async fn index(
    operator: CurrentOperator,
    State(app): State<App>,
    htmx: Htmx,
    received: Received,
    Params(params): Params<ListParams>,
) -> Result<Response> {
    let sort = Sort::from_word(&params.sort);
    let status = Status::from_word(&params.status, Status::OF_ACCOUNTS);
    let place = Place::parse(&params.after, &params.before, sort.key_kind())?;
    let filter = Filter { status: status.word(), search: &params.q, sort, place: &place };
    let mut tx = operator.read(&app).await?;
    let mut rows = sql::page(&mut tx, &filter, operator.now).await?;
    if rows.is_empty() && place.is_inside() {
        // Whoever stood here is gone; the list begins anew.
        return Ok(see_other(&path(&params, sort, None)));
    }
    let total = sql::count(&mut tx, &filter).await?;
    tx.commit().await?;
    let key = |row: &Person| (row.sort_key(sort), row.id.uuid());
    let pager = place.lay_out(&mut rows, total, key, |at| path(&params, sort, at));
    let page = IndexPage {
        shell: Shell::signed_in(&operator).with(received),
        tab: Tab::People,
        rows,
        pager,
        status,
        sort,
        now: operator.now,
        params,
    };
    htmx.render(&page, page.as_list())
}

/// A path of the list that keeps what it is searched and filtered for.
fn path(params: &ListParams, sort: Sort, cursor: Option<(&str, &str)>) -> String {
    let pairs =
        [("q", params.q.as_str()), ("status", params.status.as_str()), ("sort", sort.word())];
    format!("{PATH}{}", query_string(pairs.into_iter().chain(cursor)))
}
