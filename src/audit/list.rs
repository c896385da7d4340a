//! The log, newest first.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use uuid::Uuid;

use super::model::{EntryView, Filters, KINDS, actions};
use super::sql;
use crate::error::Result;
use crate::platform::audit::Action;
use crate::platform::clock::Timestamp;
use crate::platform::tenant::permission::ViewAudit;
use crate::platform::tenant::{CurrentOrg, Organization};
use crate::platform::web::flash::Received;
use crate::platform::web::pager::{
    Direction, Key, KeyKind, PAGE_SIZE, Pager, decode_cursor, encode_cursor,
};
use crate::platform::web::{FieldErrors, Htmx, Params, Section, Shell, see_other};

/// What the URL carries: filters and place.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListParams {
    who: String,
    action: String,
    kind: String,
    object: String,
    from: String,
    to: String,
    after: String,
    before: String,
}

impl ListParams {
    fn filters(&self) -> Filters {
        let Self { who, action, kind, object, from, to, .. } = self.clone();
        Filters { who, action, kind, object, from, to }
    }
}

#[derive(Template)]
#[template(path = "audit/index.html", blocks = ["list"])]
struct IndexPage {
    shell: Shell,
    organization: Organization,
    filters: Filters,
    errors: FieldErrors,
    kinds: &'static [(&'static str, &'static str)],
    actions: Vec<(String, &'static [Action])>,
    entries: Vec<EntryView>,
    pager: Pager,
    now: Timestamp,
}

/// `GET /orgs/{slug}/audit`
pub async fn index(
    org: CurrentOrg<ViewAudit>,
    htmx: Htmx,
    received: Received,
    Params(params): Params<ListParams>,
) -> Result<Response> {
    let filters = params.filters();
    let mut page = IndexPage {
        shell: org.shell(Section::Audit).with(received),
        organization: org.organization.clone(),
        errors: FieldErrors::default(),
        kinds: KINDS,
        actions: actions(),
        entries: Vec::new(),
        pager: Pager::default(),
        now: org.now,
        filters,
    };
    let Some(filter) = page.filters.read(&mut page.errors) else {
        let mut response = htmx.render(&page, page.as_list())?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(response);
    };
    let (direction, cursor) = match params.before.as_str() {
        "" => (Direction::Forward, params.after.as_str()),
        before => (Direction::Backward, before),
    };
    let cursor = read_cursor(cursor)?;
    let mut tx = org.read().await?;
    // One more than is shown says whether there is another page.
    let limit = PAGE_SIZE as i64 + 1;
    let rows = sql::entries(&mut tx, &filter, direction, cursor, limit).await?;
    tx.commit().await?;
    if rows.is_empty() && cursor.is_some() {
        return Ok(see_other(&page.filters.path(&org.organization, None)));
    }
    let (rows, pager) = lay_out(rows, direction, cursor.is_some(), &page);
    page.entries = rows.into_iter().map(EntryView::from).collect();
    page.pager = pager;
    htmx.render(&page, page.as_list())
}

fn read_cursor(text: &str) -> Result<Option<i64>> {
    match text {
        "" => Ok(None),
        text => Ok(match decode_cursor(text, KeyKind::Number)? {
            (Key::Number(sequence), _) => Some(sequence),
            _ => None,
        }),
    }
}

/// The entries in the order in which they are shown, and the pager under them: it says the numbers
/// of the entries, because counting a log that only grows is not for every page.
fn lay_out(
    mut rows: Vec<sql::Row>,
    direction: Direction,
    has_cursor: bool,
    page: &IndexPage,
) -> (Vec<sql::Row>, Pager) {
    let has_more = rows.len() > PAGE_SIZE;
    rows.truncate(PAGE_SIZE);
    let (has_newer, has_older) = match direction {
        Direction::Forward => (has_cursor, has_more),
        Direction::Backward => {
            rows.reverse();
            (has_more, true)
        }
    };
    let link = |row: Option<&sql::Row>, word: &'static str| {
        let cursor = encode_cursor(&Key::Number(row?.sequence), Uuid::nil());
        Some(page.filters.path(&page.organization, Some((word, &cursor))))
    };
    let sequence = |row: Option<&sql::Row>| row.map_or(0, |row| row.sequence);
    let pager = Pager {
        first: sequence(rows.first()),
        last: sequence(rows.last()),
        total: rows.len() as i64,
        previous: link(rows.first().filter(|_| has_newer), "before"),
        next: link(rows.last().filter(|_| has_older), "after"),
    };
    (rows, pager)
}
