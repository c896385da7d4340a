//! The list of projects.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use sqlx::FromRow;

use super::model::{Project, Sort, Status};
use super::sql::columns;
use super::visibility::{Viewer, visible};
use crate::clients;
use crate::error::Result;
use crate::filters::{self, Bar};
use crate::platform::clock::Timestamp;
use crate::platform::db::like_pattern;
use crate::platform::db::statement::{TenantSql, sql};
use crate::platform::ids::ClientId;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, OrgTx, Organization, Permission};
use crate::platform::web::flash::Received;
use crate::platform::web::listing::{Place, aria_sort, query_string};
use crate::platform::web::pager::{Direction, Pager};
use crate::platform::web::{Htmx, Params, Section, Shell, page, see_other};

/// What the URL carries.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListParams {
    q: String,
    status: String,
    client: String,
    mine: String,
    state: String,
    sort: String,
    after: String,
    before: String,
}

impl ListParams {
    /// What is shown: what is not archived, unless the URL says otherwise.
    fn state(&self) -> &str {
        match self.state.as_str() {
            state @ ("archived" | "deleted" | "all") => state,
            _ => "open",
        }
    }

    fn status(&self) -> &str {
        self.status.parse::<Status>().map(Status::word).unwrap_or_default()
    }

    fn client(&self) -> Option<ClientId> {
        self.client.parse().ok()
    }

    fn is_mine(&self) -> bool {
        !self.mine.is_empty()
    }

    fn is_filtered(&self) -> bool {
        let is_narrow = !self.status().is_empty() || self.client().is_some() || self.is_mine();
        is_narrow || !self.q.is_empty() || self.state() != "open"
    }

    fn is_client(&self, choice: &clients::Choice) -> bool {
        self.client() == Some(choice.id)
    }
}

/// `$4` state, `$5` search, `$6` status, `$7` whether a client is chosen, `$8` which, `$9` mine.
macro_rules! filter {
    () => {
        concat!(
            "p.organization_id = $1 and (p.deleted_at is not null) = ($4 = 'deleted')
             and ($4 in ('all', 'deleted') or (p.archived_at is not null) = ($4 = 'archived'))
             and ($5 = '%%' or p.search_key like $5 escape '\\')
             and ($6 = '' or p.status = $6) and (not $7 or p.client_id = $8)
             and (not $9 or exists (
                select 1 from project_members o
                where o.organization_id = $1 and o.project_id = p.id and o.membership_id = $3))
             and ",
            visible!(even deleted "p")
        )
    };
}

macro_rules! page {
    ($key:literal, $beyond:literal, $order:literal) => {
        sql!(concat!(
            "select ",
            columns!(),
            ", (select count(*) from tasks t
                where t.organization_id = $1 and t.project_id = p.id and t.status <> 'done'
                    and t.deleted_at is null and t.archived_at is null) as open_tasks
             from projects p
             where ",
            filter!(),
            " and (",
            $key,
            ", p.id) ",
            $beyond,
            " ($10, $11)
             order by ",
            $key,
            " ",
            $order,
            ", p.id ",
            $order,
            " limit $12"
        ))
    };
}

const fn page_statement(sort: Sort, direction: Direction) -> TenantSql {
    match (sort, direction) {
        (Sort::Name, Direction::Forward) => page!("p.name_key", ">", "asc"),
        (Sort::Name, Direction::Backward) => page!("p.name_key", "<", "desc"),
        (Sort::Due, Direction::Forward) => page!("coalesce(p.due_on, '9999-12-31')", ">", "asc"),
        (Sort::Due, Direction::Backward) => page!("coalesce(p.due_on, '9999-12-31')", "<", "desc"),
        (Sort::Changed, Direction::Forward) => page!("p.updated_at", "<", "desc"),
        (Sort::Changed, Direction::Backward) => page!("p.updated_at", ">", "asc"),
    }
}

/// A row of the list.
#[derive(Clone, Debug, FromRow)]
struct ProjectRow {
    #[sqlx(flatten)]
    project: Project,
    open_tasks: i64,
}

async fn find(
    tx: &mut OrgTx,
    viewer: Viewer,
    params: &ListParams,
    sort: Sort,
    place: &Place,
) -> Result<Vec<ProjectRow>, sqlx::Error> {
    let query = viewer
        .query(tx, page_statement(sort, place.direction))
        .bind(params.state())
        .bind(like_pattern(&params.q))
        .bind(params.status())
        .bind(params.client().is_some())
        .bind(params.client())
        .bind(params.is_mine());
    place.bind(query, sort.is_descending()).bind(place.limit()).all().await
}

async fn count(tx: &mut OrgTx, viewer: Viewer, params: &ListParams) -> Result<i64, sqlx::Error> {
    let (count,) = viewer
        .query(tx, sql!(concat!("select count(*) from projects p where ", filter!())))
        .bind(params.state())
        .bind(like_pattern(&params.q))
        .bind(params.status())
        .bind(params.client().is_some())
        .bind(params.client())
        .bind(params.is_mine())
        .one()
        .await?;
    Ok(count)
}

#[derive(Template)]
#[template(path = "projects/index.html", blocks = ["list"])]
struct IndexPage {
    shell: Shell,
    organization: Organization,
    rows: Vec<ProjectRow>,
    pager: Pager,
    params: ListParams,
    sort: Sort,
    clients: Vec<clients::Choice>,
    bar: Bar,
    can_create: bool,
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

/// `GET /orgs/{slug}/projects`
pub async fn index(
    org: CurrentOrg<AnyMember>,
    htmx: Htmx,
    received: Received,
    Params(params): Params<ListParams>,
) -> Result<Response> {
    let sort = Sort::from_word(&params.sort);
    let place = Place::parse(&params.after, &params.before, sort.key_kind())?;
    let viewer = Viewer::of(&org);
    let mut tx = org.read().await?;
    let mut rows = find(&mut tx, viewer, &params, sort, &place).await?;
    if rows.is_empty() && place.is_inside() {
        // Whoever stood here is gone; the list begins anew.
        return Ok(see_other(&path(&org.organization, &params, sort, None)));
    }
    let total = count(&mut tx, viewer, &params).await?;
    let saved = filters::list(&mut tx, org.membership.id, "projects").await?;
    let clients = match htmx.wants_fragment {
        true => Vec::new(),
        false => clients::choices(&mut tx, params.client()).await?,
    };
    tx.commit().await?;
    let key = |row: &ProjectRow| (sort.key(&row.project), row.project.id.uuid());
    let pager =
        place.lay_out(&mut rows, total, key, |at| path(&org.organization, &params, sort, at));
    let query = query_of(&params, sort, None);
    let view = IndexPage {
        shell: org.shell(Section::Projects).with(received),
        organization: org.organization.clone(),
        bar: Bar::new(&org, "projects", query, saved),
        rows,
        pager,
        sort,
        clients,
        can_create: org.membership.role.can(Permission::CreateProjects),
        now: org.now,
        params,
    };
    if htmx.wants_fragment { page(&view.as_list()) } else { page(&view) }
}

fn query_of(params: &ListParams, sort: Sort, cursor: Option<(&str, &str)>) -> String {
    let state = if params.state() == "open" { "" } else { params.state() };
    let word = if sort == Sort::default() { "" } else { sort.word() };
    let client = params.client().map(|id| id.to_string()).unwrap_or_default();
    let pairs = [
        ("q", params.q.as_str()),
        ("status", params.status()),
        ("client", &client),
        ("mine", if params.is_mine() { "1" } else { "" }),
        ("state", state),
        ("sort", word),
    ];
    query_string(pairs.into_iter().chain(cursor))
}

/// A path of the list that keeps what it is searched and filtered for.
fn path(
    organization: &Organization,
    params: &ListParams,
    sort: Sort,
    cursor: Option<(&str, &str)>,
) -> String {
    organization.path(&format!("/projects{}", query_of(params, sort, cursor)))
}
