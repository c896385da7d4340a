//! All organizations of the installation: searched, filtered, sorted and paged by the database.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::model::{Sort, Status};
use super::sql::{self, Filter, OrganizationRow, PageRow};
use crate::error::Result;
use crate::operators::Tab;
use crate::operators::visits::{self, MyVisit};
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::session::CurrentOperator;
use crate::platform::web::flash::Received;
use crate::platform::web::pager::{Direction, PAGE_SIZE, Pager, decode_cursor, encode_cursor};
use crate::platform::web::{Htmx, Params, Shell, see_other};

/// Where the list is.
pub(in crate::operators) const PATH: &str = "/operator/organizations";

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
#[template(path = "operators/organizations/index.html", blocks = ["list"])]
struct IndexPage {
    shell: Shell,
    tab: Tab,
    visits: Vec<MyVisit>,
    rows: Vec<OrganizationRow>,
    pager: Pager,
    params: ListParams,
    status: Status,
    sort: Sort,
    now: Timestamp,
}

impl IndexPage {
    /// The path of this list in another order.
    fn sorted(&self, sort: &Sort) -> String {
        path(&self.params, *sort, None)
    }
}

/// `GET /operator/organizations`
pub async fn index(
    operator: CurrentOperator,
    State(app): State<App>,
    htmx: Htmx,
    received: Received,
    Params(params): Params<ListParams>,
) -> Result<Response> {
    let (sort, status) = (Sort::from_word(&params.sort), Status::from_word(&params.status));
    let (direction, cursor) = if params.before.is_empty() {
        (Direction::Forward, params.after.as_str())
    } else {
        (Direction::Backward, params.before.as_str())
    };
    let filter = Filter {
        status: status.word(),
        search: &params.q,
        sort,
        direction,
        cursor: match cursor {
            "" => None,
            cursor => Some(decode_cursor(cursor, sort.key_kind())?),
        },
        // One more than is shown says whether there is another page.
        limit: PAGE_SIZE as i64 + 1,
    };
    let mut tx = operator.read(&app).await?;
    let rows = sql::page(&mut tx, &filter).await?;
    let visits = visits::my_visits(&mut tx, operator.id, operator.now).await?;
    tx.commit().await?;
    if rows.is_empty() && filter.cursor.is_some() {
        // What stood here is gone; the list begins anew.
        return Ok(see_other(&path(&params, sort, None)));
    }
    let (rows, pager) = lay_out(rows, &filter, &params);
    let page = IndexPage {
        shell: Shell::signed_in(&operator).with(received),
        tab: Tab::Organizations,
        visits,
        rows: rows.into_iter().map(|row| row.organization).collect(),
        pager,
        status,
        sort,
        now: operator.now,
        params,
    };
    htmx.render(&page, page.as_list())
}

/// The rows in the order in which they are shown, and the pager under them.
fn lay_out(
    mut rows: Vec<PageRow>,
    filter: &Filter<'_>,
    params: &ListParams,
) -> (Vec<PageRow>, Pager) {
    let has_more = rows.len() > PAGE_SIZE;
    rows.truncate(PAGE_SIZE);
    let (total, passed) = rows.first().map_or((0, 0), |row| (row.total, row.passed));
    let count = rows.len() as i64;
    let (first, has_previous, has_next) = match filter.direction {
        Direction::Forward => (passed + 1, filter.cursor.is_some(), has_more),
        Direction::Backward => {
            rows.reverse();
            (total - passed - count + 1, has_more, true)
        }
    };
    let link = |row: Option<&PageRow>, word: &'static str| {
        let row = &row?.organization;
        let cursor = encode_cursor(&row.sort_key(filter.sort), row.id.uuid());
        Some(path(params, filter.sort, Some((word, &cursor))))
    };
    let pager = Pager {
        first: first.min(total),
        last: (first + count - 1).max(0),
        total,
        previous: link(rows.first().filter(|_| has_previous), "before"),
        next: link(rows.last().filter(|_| has_next), "after"),
    };
    (rows, pager)
}

/// A path of the list that keeps what it is searched and filtered for.
fn path(params: &ListParams, sort: Sort, cursor: Option<(&str, &str)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("q", params.q.as_str()), ("status", &params.status)] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    if sort != Sort::default() {
        query.append_pair("sort", sort.word());
    }
    if let Some((name, value)) = cursor {
        query.append_pair(name, value);
    }
    let query = query.finish();
    let separator = if query.is_empty() { "" } else { "?" };
    format!("{PATH}{separator}{query}")
}
