//! The list of clients.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::model::Sort;
use super::sql::{self, ClientRow, Filter};
use crate::error::Result;
use crate::filters::{self, Bar};
use crate::platform::clock::Timestamp;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, Organization, Permission};
use crate::platform::web::flash::Received;
use crate::platform::web::listing::{Place, aria_sort, query_string};
use crate::platform::web::pager::Pager;
use crate::platform::web::{Htmx, Params, Section, Shell, page, see_other};
use crate::projects::Viewer;

/// What the URL carries.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListParams {
    q: String,
    state: String,
    sort: String,
    after: String,
    before: String,
}

impl ListParams {
    /// What is shown: `active` unless the URL says otherwise.
    fn state(&self) -> &str {
        match self.state.as_str() {
            state @ ("archived" | "deleted" | "all") => state,
            _ => "active",
        }
    }

    fn is_filtered(&self) -> bool {
        !self.q.is_empty() || self.state() != "active"
    }
}

#[derive(Template)]
#[template(path = "clients/index.html", blocks = ["list"])]
struct IndexPage {
    shell: Shell,
    organization: Organization,
    rows: Vec<ClientRow>,
    pager: Pager,
    params: ListParams,
    sort: Sort,
    bar: Bar,
    can_edit: bool,
    now: Timestamp,
}

impl IndexPage {
    fn sorted(&self, sort: Sort) -> String {
        path(&self.organization, &self.params, sort, None)
    }

    fn direction(&self, sort: Sort) -> &'static str {
        aria_sort(sort == self.sort, sort.is_descending())
    }
}

/// `GET /orgs/{slug}/clients`
pub async fn index(
    org: CurrentOrg<AnyMember>,
    htmx: Htmx,
    received: Received,
    Params(params): Params<ListParams>,
) -> Result<Response> {
    let sort = Sort::from_word(&params.sort);
    let place = Place::parse(&params.after, &params.before, sort.key_kind())?;
    let filter = Filter { search: &params.q, state: params.state(), sort, place: &place };
    let viewer = Viewer::of(&org);
    let mut tx = org.read().await?;
    let mut rows = sql::page(&mut tx, viewer, &filter).await?;
    if rows.is_empty() && place.is_inside() {
        // Whoever stood here is gone; the list begins anew.
        return Ok(see_other(&path(&org.organization, &params, sort, None)));
    }
    let total = sql::count(&mut tx, &filter).await?;
    let saved = filters::list(&mut tx, org.membership.id, "clients").await?;
    tx.commit().await?;
    let key = |row: &ClientRow| (sort.key(&row.client), row.client.id.uuid());
    let pager =
        place.lay_out(&mut rows, total, key, |at| path(&org.organization, &params, sort, at));
    let query = query_of(&params, sort, None);
    let view = IndexPage {
        shell: org.shell(Section::Clients).with(received),
        bar: Bar::new(&org, "clients", query, saved),
        organization: org.organization.clone(),
        rows,
        pager,
        sort,
        can_edit: org.membership.role.can(Permission::EditClients),
        now: org.now,
        params,
    };
    if htmx.wants_fragment { page(&view.as_list()) } else { page(&view) }
}

fn query_of(params: &ListParams, sort: Sort, cursor: Option<(&str, &str)>) -> String {
    let state = if params.state() == "active" { "" } else { params.state() };
    let word = if sort == Sort::default() { "" } else { sort.word() };
    let pairs = [("q", params.q.as_str()), ("state", state), ("sort", word)];
    query_string(pairs.into_iter().chain(cursor))
}

/// A path of the list that keeps what it is searched and filtered for.
fn path(
    organization: &Organization,
    params: &ListParams,
    sort: Sort,
    cursor: Option<(&str, &str)>,
) -> String {
    organization.path(&format!("/clients{}", query_of(params, sort, cursor)))
}
