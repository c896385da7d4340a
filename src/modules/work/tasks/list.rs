//! The list of tasks, from all projects that the viewer can see.

use std::fmt;
use std::str::FromStr;

use askama::Template;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use time::Duration;

use super::SECTION;
use super::layout::{Layout, Month, board, calendar};
use super::model::{Priority, Status, Task};
use crate::core::access::{OwnRoles, ProjectRole, Viewer, visible};
use crate::modules::work::projects::{self, ProjectSummary};
use crate::platform::clock::{Day, Timestamp};
use crate::platform::error::Result;
use crate::platform::ids::{MembershipId, ProjectId};
use crate::platform::list::saved::Saved;
use crate::platform::list::{Choice, Index, Maybe, Request, State};
use crate::platform::noun::prelude::*;
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, OrgTx};
use crate::platform::web::flash::Received;
use crate::platform::web::{Htmx, Shell};

/// The list's filter.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct TaskFilter {
    pub(super) q: String,
    pub(super) assignee: Maybe<Assignee>,
    pub(super) project: Maybe<ProjectId>,
    pub(super) status: Choice<Progress>,
    pub(super) priority: Maybe<Priority>,
    pub(super) due: Maybe<Due>,
    pub(super) state: Choice<State>,
    /// How the tasks are shown.
    pub(super) view: Choice<Layout>,
    /// The month that the calendar shows.
    pub(super) month: Maybe<Month>,
}

/// The filter by assignee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignee {
    /// The viewer's tasks.
    Me,
    /// Unassigned tasks.
    Nobody,
    /// This member's tasks.
    Member(MembershipId),
}

impl FromStr for Assignee {
    type Err = uuid::Error;

    fn from_str(word: &str) -> Result<Self, uuid::Error> {
        match word {
            "me" => Ok(Self::Me),
            "nobody" => Ok(Self::Nobody),
            id => id.parse().map(Self::Member),
        }
    }
}

impl fmt::Display for Assignee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Me => f.write_str("me"),
            Self::Nobody => f.write_str("nobody"),
            Self::Member(id) => id.fmt(f),
        }
    }
}

/// The filter by progress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    /// Unfinished tasks.
    #[default]
    Unfinished,
    /// All tasks.
    Any,
    /// Tasks with this status.
    In(Status),
}

impl FromStr for Progress {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "unfinished" => Ok(Self::Unfinished),
            "any" => Ok(Self::Any),
            word => word.parse().map(Self::In),
        }
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unfinished => f.write_str("unfinished"),
            Self::Any => f.write_str("any"),
            Self::In(status) => status.fmt(f),
        }
    }
}

words! {
    /// The filter by due date.
    pub enum Due, "Choose a due date." {
        /// Due before today and not done.
        Overdue = "overdue", "Overdue";
        /// Due within seven days from today.
        Week = "week", "Due within a week";
    }
}

/// The viewer, and the current time.
pub struct Scope {
    pub(super) viewer: Viewer,
    now: Timestamp,
}

impl Scope {
    fn of(org: &Context) -> Self {
        Self { viewer: Viewer::of(org), now: org.now }
    }

    /// The member whose tasks are shown, if the filter selects one.
    fn somebody(&self, filter: &TaskFilter) -> Option<MembershipId> {
        match filter.assignee.0 {
            Some(Assignee::Me) => Some(self.viewer.membership()),
            Some(Assignee::Member(id)) => Some(id),
            Some(Assignee::Nobody) | None => None,
        }
    }
}

/// A row of the list.
#[derive(Clone, Debug, FromRow)]
pub struct TaskRow {
    #[sqlx(flatten)]
    pub(super) task: Task,
    pub(super) project_name: String,
    pub(super) is_restricted: bool,
}

impl TaskRow {
    /// Whether somebody with these roles may change the task.
    pub(super) fn can_be_changed(&self, roles: &OwnRoles) -> bool {
        roles.include(self.task.project_id, self.is_restricted, ProjectRole::Contributor)
    }
}

inventory::submit!(Saved(SECTION));

list! {
    /// The tasks of the projects that the viewer can see.
    pub Tasks: TaskRow, filtered by TaskFilter, seen by Scope;
    sql(4) {
        select join!(Task::COLUMNS, ", p.name as project_name, p.is_restricted"),
        from "tasks t
            join projects p on p.organization_id = t.organization_id and p.id = t.project_id",
        where concat!(
            "t.organization_id = $1 and (t.deleted_at is not null) = ($state = 'deleted')
             and ($state in ('all', 'deleted')
                or (t.archived_at is not null or p.archived_at is not null) = ($state = 'archived'))
             and ($search = '%%' or t.title_key like $search escape '\\')
             and (not $has_assignee or t.assignee_id = $assignee)
             and (not $unassigned or t.assignee_id is null)
             and (not $has_project or t.project_id = $project)
             and ($status = 'any' or t.status = $status or $status = 'unfinished' and t.status <> 'done')
             and ($priority = -1 or t.priority = $priority)
             and ($due = ''
                or $due = 'overdue' and t.due_on < $today and t.status <> 'done'
                or $due = 'week' and t.due_on >= $today and t.due_on < $in_a_week)
             and (not $has_month or t.due_on >= $month_begin and t.due_on < $month_end)
             and ",
            visible!("p")
        ),
        id "t.id",
    }
    bind |filter, scope| {
        state: filter.state.0,
        search: like_pattern(&filter.q),
        has_assignee: scope.somebody(filter).is_some(),
        assignee: scope.somebody(filter),
        unassigned: filter.assignee.0 == Some(Assignee::Nobody),
        has_project: filter.project.0.is_some(),
        project: filter.project.0,
        status: filter.status.0.to_string(),
        priority: filter.priority.0.map_or(-1, |priority| priority as i64),
        due: filter.due.text(),
        today: scope.now.to_day(),
        in_a_week: scope.now.plus(Duration::days(7)).to_day(),
        has_month: filter.month.0.is_some(),
        month_begin: filter.month.0.map_or(Day::FIRST, Month::begin),
        month_end: filter.month.0.map_or(Day::LAST, Month::end),
    } behind (scope.viewer.sees_all(), scope.viewer.membership())
    id |row| row.task.id.uuid();
    sort "due" "Due": Day "coalesce(t.due_on, '9999-12-31')" asc,
        |row| row.task.details.due_on.unwrap_or(Day::LAST);
    sort "title" "Task": Text "t.title_key" asc, |row| row.task.title_key.clone();
    sort "priority" "Priority": Number "t.priority" desc, |row| row.task.details.priority as i64;
    sort "changed" "Updated": Time "t.updated_at" desc, |row| row.task.updated_at;
}

/// What the filters offer.
#[derive(Default)]
pub(super) struct Choices {
    pub projects: Vec<ProjectSummary>,
    /// The people who have tasks that the viewer can see.
    pub people: Vec<(MembershipId, String)>,
}

impl Choices {
    /// Reads them, unless htmx swaps the tasks alone.
    pub async fn load(tx: &mut OrgTx, viewer: Viewer, htmx: Htmx) -> Result<Self, sqlx::Error> {
        if htmx.wants_fragment {
            return Ok(Self::default());
        }
        let projects = projects::choices(tx, viewer).await?;
        Ok(Self { projects, people: people(tx, viewer).await? })
    }
}

#[derive(Template)]
#[template(path = "work/tasks/index.html", blocks = ["list"])]
struct IndexPage {
    shell: Shell,
    index: Index<Tasks>,
    choices: Choices,
    /// What the viewer may do in the projects.
    roles: OwnRoles,
}

/// `GET /orgs/{slug}/tasks`
pub async fn index(
    org: CurrentOrg<AnyMember>,
    htmx: Htmx,
    received: Received,
    mut request: Request<Tasks>,
) -> Result<Response> {
    let scope = Scope::of(&org);
    let shell = org.shell(SECTION).with(received);
    match request.filter.view.0 {
        Layout::List => request.filter.month = Maybe(None),
        Layout::Board => return board(&org, shell, htmx, &scope, request).await,
        Layout::Calendar => return calendar(&org, shell, htmx, &scope, request).await,
    }
    let mut tx = org.read().await?;
    let index = Index::load(&mut tx, &org, SECTION, request, &scope, false).await?;
    let choices = Choices::load(&mut tx, scope.viewer, htmx).await?;
    let roles = OwnRoles::load(&mut tx, scope.viewer).await?;
    tx.commit().await?;
    let page = IndexPage { shell, index, choices, roles };
    htmx.render(&page, page.as_list())
}

/// The people who have tasks in projects that the viewer can see, ordered by name.
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
