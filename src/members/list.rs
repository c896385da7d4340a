//! The table of members and invitations: searched, filtered, sorted and paged by the database.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::beside::roles_and_filters;
use super::model::Sort;
use super::row::{RowContext, RowView};
use super::sql::{self, Filter};
use crate::error::Result;
use crate::filters::Bar;
use crate::platform::tenant::permission::ViewMembers;
use crate::platform::tenant::{CurrentOrg, Organization, Permission, Role};
use crate::platform::web::flash::Received;
use crate::platform::web::listing::{Place, aria_sort, query_string};
use crate::platform::web::pager::Pager;
use crate::platform::web::{Htmx, Params, Section, Shell, see_other};

/// What the URL carries: search, filter, order and place.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListParams {
    q: String,
    role: String,
    sort: String,
    after: String,
    before: String,
}

#[derive(Template)]
#[template(path = "members/index.html", blocks = ["list"])]
struct IndexPage {
    shell: Shell,
    organization: Organization,
    roles: Vec<Role>,
    rows: Vec<RowView>,
    pager: Pager,
    params: ListParams,
    sort: Sort,
    can_invite: bool,
    can_manage: bool,
    bar: Bar,
}

impl IndexPage {
    /// The path of what is shown now.
    fn here(&self) -> String {
        let cursors = [("after", self.params.after.as_str()), ("before", &self.params.before)];
        let cursor = cursors.into_iter().find(|(_, cursor)| !cursor.is_empty());
        path(&self.organization, &self.params, self.sort, cursor)
    }

    /// The path of this table in another order.
    fn sorted(&self, sort: &Sort) -> String {
        path(&self.organization, &self.params, *sort, None)
    }

    fn direction(&self, sort: &Sort) -> &'static str {
        aria_sort(*sort == self.sort, sort.is_descending())
    }
}

/// `GET /orgs/{slug}/members`
pub async fn index(
    org: CurrentOrg<ViewMembers>,
    htmx: Htmx,
    received: Received,
    Params(params): Params<ListParams>,
) -> Result<Response> {
    let sort = Sort::from_word(&params.sort);
    let place = Place::parse(&params.after, &params.before, sort.key_kind())?;
    let filter = Filter { role: &params.role, search: &params.q, sort, place: &place };
    let mut tx = org.read().await?;
    let rows = sql::page(&mut tx, &filter).await?;
    if rows.is_empty() && place.is_inside() {
        // Whoever stood here is gone; the table begins anew.
        return Ok(see_other(&path(&org.organization, &params, sort, None)));
    }
    let (roles, saved) = roles_and_filters(&mut tx, org.membership.id).await?;
    let context = RowContext::with(&org, roles);
    tx.commit().await?;
    let total = rows.first().map_or(0, |row| row.total);
    let mut rows =
        rows.into_iter().map(|row| context.view(row.person)).collect::<Result<Vec<_>>>()?;
    let key = |row: &RowView| (row.sort_key(sort), row.person.id);
    let pager =
        place.lay_out(&mut rows, total, key, |at| path(&org.organization, &params, sort, at));
    let page = IndexPage {
        shell: org.shell(Section::Members).with(received),
        bar: Bar::new(&org, "members", query_of(&params, sort, None), saved),
        organization: org.organization.clone(),
        roles: context.roles().to_vec(),
        rows,
        pager,
        sort,
        can_invite: org.membership.role.can(Permission::InviteMembers),
        can_manage: org.membership.role.can(Permission::ManageMembers),
        params,
    };
    htmx.render(&page, page.as_list())
}

fn query_of(params: &ListParams, sort: Sort, cursor: Option<(&str, &str)>) -> String {
    let word = if sort == Sort::default() { "" } else { sort.word() };
    let pairs = [("q", params.q.as_str()), ("role", &params.role), ("sort", word)];
    query_string(pairs.into_iter().chain(cursor))
}

/// A path of the table that keeps what it is searched and filtered for.
fn path(
    organization: &Organization,
    params: &ListParams,
    sort: Sort,
    cursor: Option<(&str, &str)>,
) -> String {
    organization.path(&format!("/members{}", query_of(params, sort, cursor)))
}
