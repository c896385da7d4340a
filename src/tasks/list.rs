//! The list of tasks, of every project that the viewer may see.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use sqlx::FromRow;
use time::Duration;

use super::model::{Priority, Sort, Status, Task};
use super::sql::columns;
use crate::error::Result;
use crate::filters::{self, Bar};
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::{TenantSql, sql};
use crate::platform::db::{Query, like_pattern};
use crate::platform::ids::{MembershipId, ProjectId};
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, OrgTx, Organization};
use crate::platform::web::flash::Received;
use crate::platform::web::listing::{Place, aria_sort, query_string};
use crate::platform::web::pager::{Direction, Pager};
use crate::platform::web::{Htmx, Params, Section, Shell, page, see_other};
use crate::projects::{self, Brief, Viewer, visible};

/// What the URL carries.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListParams {
    q: String,
    assignee: String,
    project: String,
    status: String,
    priority: String,
    due: String,
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

    /// `me`, `nobody`, a membership, or nothing.
    fn assignee(&self) -> &str {
        match self.assignee.as_str() {
            word @ ("me" | "nobody") => word,
            id if id.parse::<MembershipId>().is_ok() => id,
            _ => "",
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.project.parse().ok()
    }

    /// A status, or `unfinished` for what is not done.
    fn status(&self) -> &str {
        match self.status.as_str() {
            "unfinished" => "unfinished",
            word => word.parse::<Status>().map(Status::word).unwrap_or_default(),
        }
    }

    fn priority(&self) -> &str {
        self.priority.parse::<Priority>().map(Priority::word).unwrap_or_default()
    }

    fn due(&self) -> &str {
        match self.due.as_str() {
            due @ ("overdue" | "week") => due,
            _ => "",
        }
    }

    fn is_filtered(&self) -> bool {
        let words = [&self.q, self.assignee(), self.status(), self.priority(), self.due()];
        words.iter().any(|word| !word.is_empty())
            || self.project().is_some()
            || self.state() != "open"
    }

    fn is_project(&self, choice: &Brief) -> bool {
        self.project() == Some(choice.id)
    }
}

/// `$4` state, `$5` search, `$6` whether somebody is chosen, `$7` whom, `$8` only nobody's, `$9`
/// whether a project is chosen, `$10` which, `$11` status, `$12` priority or -1, `$13` due, `$14`
/// today, `$15` in a week.
macro_rules! filter {
    () => {
        concat!(
            "t.organization_id = $1 and (t.deleted_at is not null) = ($4 = 'deleted')
             and ($4 in ('all', 'deleted')
                or (t.archived_at is not null or p.archived_at is not null) = ($4 = 'archived'))
             and ($5 = '%%' or t.title_key like $5 escape '\\')
             and (not $6 or t.assignee_id = $7) and (not $8 or t.assignee_id is null)
             and (not $9 or t.project_id = $10)
             and ($11 = '' or t.status = $11 or $11 = 'unfinished' and t.status <> 'done')
             and ($12 = -1 or t.priority = $12)
             and ($13 = ''
                or $13 = 'overdue' and t.due_on < $14 and t.status <> 'done'
                or $13 = 'week' and t.due_on >= $14 and t.due_on < $15)
             and ",
            visible!("p")
        )
    };
}

macro_rules! page {
    ($key:literal, $beyond:literal, $order:literal) => {
        sql!(concat!(
            "select ",
            columns!(),
            ", p.name as project_name
             from tasks t
             join projects p on p.organization_id = t.organization_id and p.id = t.project_id
             where ",
            filter!(),
            " and (",
            $key,
            ", t.id) ",
            $beyond,
            " ($16, $17)
             order by ",
            $key,
            " ",
            $order,
            ", t.id ",
            $order,
            " limit $18"
        ))
    };
}

const fn page_statement(sort: Sort, direction: Direction) -> TenantSql {
    match (sort, direction) {
        (Sort::Due, Direction::Forward) => page!("coalesce(t.due_on, '9999-12-31')", ">", "asc"),
        (Sort::Due, Direction::Backward) => page!("coalesce(t.due_on, '9999-12-31')", "<", "desc"),
        (Sort::Title, Direction::Forward) => page!("t.title_key", ">", "asc"),
        (Sort::Title, Direction::Backward) => page!("t.title_key", "<", "desc"),
        (Sort::Priority, Direction::Forward) => page!("t.priority", "<", "desc"),
        (Sort::Priority, Direction::Backward) => page!("t.priority", ">", "asc"),
        (Sort::Changed, Direction::Forward) => page!("t.updated_at", "<", "desc"),
        (Sort::Changed, Direction::Backward) => page!("t.updated_at", ">", "asc"),
    }
}

/// A row of the list.
#[derive(Clone, Debug, FromRow)]
struct TaskRow {
    #[sqlx(flatten)]
    task: Task,
    project_name: String,
}

/// What is looked for, by whom, on which day.
struct Search<'a> {
    params: &'a ListParams,
    viewer: Viewer,
    me: MembershipId,
    now: Timestamp,
}

impl Search<'_> {
    fn bind<'q>(&self, tx: &'q mut OrgTx, statement: TenantSql) -> Query<'q> {
        let params = self.params;
        let somebody = match params.assignee() {
            "me" => Some(self.me),
            word => word.parse().ok(),
        };
        let priority = params.priority().parse::<Priority>().map_or(-1, |known| known as i64);
        self.viewer
            .query(tx, statement)
            .bind(params.state().to_owned())
            .bind(like_pattern(&params.q))
            .bind(somebody.is_some())
            .bind(somebody)
            .bind(params.assignee() == "nobody")
            .bind(params.project().is_some())
            .bind(params.project())
            .bind(params.status().to_owned())
            .bind(priority)
            .bind(params.due().to_owned())
            .bind(self.now.to_day())
            .bind(self.now.plus(Duration::days(7)).to_day())
    }

    async fn find(&self, tx: &mut OrgTx, sort: Sort, place: &Place) -> Result<Vec<TaskRow>> {
        let query = self.bind(tx, page_statement(sort, place.direction));
        Ok(place.bind(query, sort.is_descending()).bind(place.limit()).all().await?)
    }

    async fn count(&self, tx: &mut OrgTx) -> Result<i64> {
        let statement = sql!(concat!(
            "select count(*)
             from tasks t
             join projects p on p.organization_id = t.organization_id and p.id = t.project_id
             where ",
            filter!()
        ));
        let (count,) = self.bind(tx, statement).one().await?;
        Ok(count)
    }
}

#[derive(Template)]
#[template(path = "tasks/index.html", blocks = ["list"])]
struct IndexPage {
    shell: Shell,
    organization: Organization,
    rows: Vec<TaskRow>,
    pager: Pager,
    params: ListParams,
    sort: Sort,
    projects: Vec<Brief>,
    /// People who have tasks that the viewer may see.
    people: Vec<(MembershipId, String)>,
    bar: Bar,
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

/// `GET /orgs/{slug}/tasks`
pub async fn index(
    org: CurrentOrg<AnyMember>,
    htmx: Htmx,
    received: Received,
    Params(params): Params<ListParams>,
) -> Result<Response> {
    let sort = Sort::from_word(&params.sort);
    let place = Place::parse(&params.after, &params.before, sort.key_kind())?;
    let viewer = Viewer::of(&org);
    let search = Search { params: &params, viewer, me: org.membership.id, now: org.now };
    let mut tx = org.read().await?;
    let mut rows = search.find(&mut tx, sort, &place).await?;
    if rows.is_empty() && place.is_inside() {
        // Whoever stood here is gone; the list begins anew.
        return Ok(see_other(&path(&org.organization, &params, sort, None)));
    }
    let total = search.count(&mut tx).await?;
    let saved = filters::list(&mut tx, org.membership.id, "tasks").await?;
    let (projects, people) = match htmx.wants_fragment {
        true => Default::default(),
        false => (projects::choices(&mut tx, viewer).await?, people(&mut tx, viewer).await?),
    };
    tx.commit().await?;
    let key = |row: &TaskRow| (sort.key(&row.task), row.task.id.uuid());
    let pager =
        place.lay_out(&mut rows, total, key, |at| path(&org.organization, &params, sort, at));
    let query = query_of(&params, sort, None);
    let view = IndexPage {
        shell: org.shell(Section::Tasks).with(received),
        organization: org.organization.clone(),
        bar: Bar::new(&org, "tasks", query, saved),
        rows,
        pager,
        sort,
        projects,
        people,
        now: org.now,
        params,
    };
    if htmx.wants_fragment { page(&view.as_list()) } else { page(&view) }
}

/// The people who have tasks in projects that the viewer may see, by name.
async fn people(
    tx: &mut OrgTx,
    viewer: Viewer,
) -> Result<Vec<(MembershipId, String)>, sqlx::Error> {
    viewer
        .query(
            tx,
            sql!(concat!(
                "select m.id, u.name
                 from memberships m
                 join users u on u.id = m.user_id
                 where m.organization_id = $1 and exists (
                    select 1 from tasks t
                    join projects p on p.organization_id = t.organization_id and p.id = t.project_id
                    where t.organization_id = $1 and t.assignee_id = m.id
                        and t.deleted_at is null and ",
                visible!("p"),
                ")
                 order by u.name_key, m.id
                 limit 500"
            )),
        )
        .all()
        .await
}

fn query_of(params: &ListParams, sort: Sort, cursor: Option<(&str, &str)>) -> String {
    let state = if params.state() == "open" { "" } else { params.state() };
    let word = if sort == Sort::default() { "" } else { sort.word() };
    let project = params.project().map(|id| id.to_string()).unwrap_or_default();
    let pairs = [
        ("q", params.q.as_str()),
        ("assignee", params.assignee()),
        ("project", &project),
        ("status", params.status()),
        ("priority", params.priority()),
        ("due", params.due()),
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
    organization.path(&format!("/tasks{}", query_of(params, sort, cursor)))
}
