//! The list of the log's entries, newest first.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use uuid::Uuid;

use super::SECTION;
use super::model::{EntryView, Filters, actions, kinds};
use super::{names, sql};
use crate::core::audit::noun::ViewAudit;
use crate::platform::audit::Action;
use crate::platform::clock::Timestamp;
use crate::platform::error::Result;
use crate::platform::list::Cursor;
use crate::platform::list::{Key, KeyKind, Pager};
use crate::platform::tenant::{CurrentOrg, Organization};
use crate::platform::web::flash::Received;
use crate::platform::web::{FieldErrors, Htmx, Params, Shell, see_other};

/// The parameters in the URL: filters and position.
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
#[template(path = "core/audit/index.html", blocks = ["list"])]
struct IndexPage {
    shell: Shell,
    organization: Organization,
    filters: Filters,
    errors: FieldErrors,
    kinds: Vec<(&'static str, &'static str)>,
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
        shell: org.shell(SECTION).with(received),
        organization: org.organization.clone(),
        errors: FieldErrors::default(),
        kinds: kinds(),
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
    let place = Cursor::parse(&params.after, &params.before, KeyKind::Number)?;
    let mut tx = org.read().await?;
    let rows =
        sql::entries(&mut tx, &filter, place.direction, place.number(), place.limit()).await?;
    if rows.is_empty() && place.is_inside() {
        return Ok(see_other(&page.filters.path(&org.organization, None)));
    }
    let (rows, pager) = lay_out(rows, &place, &page);
    page.entries = rows.into_iter().map(EntryView::from).collect();
    page.pager = pager;
    names::fill_in(&mut tx, &mut page.entries).await?;
    tx.commit().await?;
    htmx.render(&page, page.as_list())
}

/// Puts the entries into display order, and builds the pager. The pager shows the entries' own
/// numbers, because counting an ever-growing log for every page would be too slow.
fn lay_out(mut rows: Vec<sql::Row>, place: &Cursor, page: &IndexPage) -> (Vec<sql::Row>, Pager) {
    let key = |row: &sql::Row| (Key::Number(row.sequence), Uuid::nil());
    let path = |at: Option<(&str, &str)>| page.filters.path(&page.organization, at);
    let pager = place.paginate(&mut rows, 0, key, path);
    let sequence = |row: Option<&sql::Row>| row.map_or(0, |row| row.sequence);
    let (first, last) = (sequence(rows.first()), sequence(rows.last()));
    let total = rows.len() as i64;
    (rows, Pager { first, last, total, ..pager })
}
