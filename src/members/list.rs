//! The table of members and invitations: searched, filtered, sorted and paged by the database.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::model::Sort;
use super::row::{RowContext, RowView};
use super::sql::{self, Filter};
use crate::error::Result;
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::permission::ViewMembers;
use crate::platform::tenant::{CurrentOrg, Organization, Permission, Role};
use crate::platform::web::flash::Received;
use crate::platform::web::pager::{Direction, PAGE_SIZE, Pager, decode_cursor, encode_cursor};
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
}

/// `GET /orgs/{slug}/members`
pub async fn index(
    org: CurrentOrg<ViewMembers>,
    htmx: Htmx,
    received: Received,
    Params(params): Params<ListParams>,
) -> Result<Response> {
    let sort = Sort::from_word(&params.sort);
    let (direction, cursor) = if params.before.is_empty() {
        (Direction::Forward, params.after.as_str())
    } else {
        (Direction::Backward, params.before.as_str())
    };
    let filter = Filter {
        role: &params.role,
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
    let mut tx = org.read().await?;
    let rows = sql::page(&mut tx, &filter).await?;
    if rows.is_empty() && filter.cursor.is_some() {
        // Whoever stood here is gone; the table begins anew.
        return Ok(see_other(&path(&org.organization, &params, sort, None)));
    }
    let context = RowContext::load(&mut tx, &org).await?;
    tx.commit().await?;
    let counts = rows.first().map_or((0, 0), |row| (row.total, row.passed));
    let rows = rows.into_iter().map(|row| context.view(row.person)).collect::<Result<_>>()?;
    let (rows, pager) = lay_out(rows, counts, &filter, &org, &params);
    let page = IndexPage {
        shell: org.shell(Section::Members).with(received),
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

/// The rows in the order in which they are shown, and the pager under them; the counts are of all
/// that the filter finds, and of those that the cursor has passed.
fn lay_out(
    mut rows: Vec<RowView>,
    (total, passed): (i64, i64),
    filter: &Filter<'_>,
    org: &Context,
    params: &ListParams,
) -> (Vec<RowView>, Pager) {
    let has_more = rows.len() > PAGE_SIZE;
    rows.truncate(PAGE_SIZE);
    let count = rows.len() as i64;
    let (first, has_previous, has_next) = match filter.direction {
        Direction::Forward => (passed + 1, filter.cursor.is_some(), has_more),
        Direction::Backward => {
            rows.reverse();
            (total - passed - count + 1, has_more, true)
        }
    };
    let link = |row: Option<&RowView>, word: &'static str| {
        let row = row?;
        let cursor = encode_cursor(&row.sort_key(filter.sort), row.person.id);
        Some(path(&org.organization, params, filter.sort, Some((word, &cursor))))
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

/// A path of the table that keeps what it is searched and filtered for.
fn path(
    organization: &Organization,
    params: &ListParams,
    sort: Sort,
    cursor: Option<(&str, &str)>,
) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("q", params.q.as_str()), ("role", &params.role)] {
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
    organization.path(&format!("/members{separator}{query}"))
}
