//! The module's panel on an organization's overview: how much there is to do, the viewer's next tasks,
//! projects with their progress, and the first steps.

use super::tasks::Status;
use crate::core::access::noun::CreateProjects;
use crate::core::access::{Viewer, visible};
use crate::modules::work::tasks::noun::TaskId;
use crate::platform::clock::Day;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::sql;
use crate::platform::ids::ProjectId;
use crate::platform::module::{Agenda, AgendaItem, Board, BoardItem, Figure, Loading, Panel, Step};
use crate::platform::tenant::OrgTx;
use crate::platform::tenant::current_org::Context;

/// How many tasks, and how many projects, are shown.
const NEXT: i64 = 5;

/// The module's panel.
pub(super) fn load<'a>(tx: &'a mut OrgTx, org: &'a Context) -> Loading<'a> {
    Box::pin(async move {
        let viewer = Viewer::of(org);
        let rows = read(tx, viewer).await?;
        let boards = projects(tx, viewer).await?;
        let (projects, tasks) = rows.first().map_or((0, 0), |row| (row.projects, row.tasks));
        let path = |rest: &str| org.organization.path(rest);
        let steps = first_steps(org, &boards);
        let figures = vec![
            Figure { value: projects, label: "Project", path: path("/projects") },
            Figure { value: tasks, label: "Open task", path: path("/tasks") },
        ];
        let items: Vec<_> = rows.into_iter().filter_map(|row| row.item(org)).collect();
        let agenda = Agenda {
            title: "My tasks",
            path: path("/tasks?assignee=me"),
            items,
            nothing: "No open tasks are assigned to you.",
        };
        let items: Vec<_> = boards.into_iter().map(|project| project.item(org)).collect();
        let board = (!items.is_empty()).then(|| Board {
            title: "Projects",
            path: path("/projects"),
            items,
        });
        Ok(Panel { figures, agenda: Some(agenda), board, steps })
    })
}

/// The first project and the first task, for people who can create them.
fn first_steps(org: &Context, projects: &[Progress]) -> Vec<Step> {
    if !org.membership.role.can(CreateProjects::PERMISSION) {
        return Vec::new();
    }
    let first = projects.first();
    let new_project = org.organization.path("/projects/new");
    vec![
        Step {
            label: "Create a project",
            hint: "A project holds tasks, comments and the people who work on it.",
            is_done: first.is_some(),
            path: new_project.clone(),
            action: "New project",
        },
        Step {
            label: "Add a task",
            hint: "Say what needs to be done, by whom and by when.",
            is_done: projects.iter().any(|project| project.total > 0),
            path: match first {
                Some(project) => {
                    org.organization.path(&format!("/projects/{}#new-task", project.id))
                }
                None => new_project,
            },
            action: "Add task",
        },
    ]
}

/// A project, with its tasks.
#[derive(FromRow)]
struct Progress {
    id: ProjectId,
    name: String,
    due_on: Option<Day>,
    done: i64,
    total: i64,
}

impl Progress {
    fn item(self, org: &Context) -> BoardItem {
        BoardItem {
            path: org.organization.path(&format!("/projects/{}", self.id)),
            name: self.name,
            done: self.done,
            total: self.total,
            due: self.due_on.map(|day| day.words()),
            is_overdue: self.due_on.is_some_and(|day| day < org.now.to_day()),
        }
    }
}

/// Unfinished projects that the viewer can see: first those whose member they are, then those
/// changed last.
async fn projects(tx: &mut OrgTx, viewer: Viewer) -> Result<Vec<Progress>, sqlx::Error> {
    viewer
        .query(
            tx,
            sql!(concat!(
                "select p.id, p.name, p.due_on,
                        (select count(*) from tasks t
                         where t.organization_id = $1 and t.project_id = p.id
                            and t.deleted_at is null and t.archived_at is null
                            and t.status = 'done') as done,
                        (select count(*) from tasks t
                         where t.organization_id = $1 and t.project_id = p.id
                            and t.deleted_at is null and t.archived_at is null) as total
                 from projects p
                 where p.organization_id = $1 and p.archived_at is null and p.status <> 'done' and ",
                visible!("p"),
                " order by exists (select 1 from project_members o
                                   where o.organization_id = $1 and o.project_id = p.id
                                      and o.membership_id = $3) desc, p.updated_at desc, p.id
                 limit $4"
            )),
        )
        .bind(NEXT)
        .all()
        .await
}

/// The figures, each time with one of the next tasks, if there are any.
#[derive(FromRow)]
struct Row {
    projects: i64,
    tasks: i64,
    task_id: Option<TaskId>,
    project_id: Option<ProjectId>,
    title: Option<String>,
    project_name: Option<String>,
    status: Option<Status>,
    due_on: Option<Day>,
}

impl Row {
    fn item(self, org: &Context) -> Option<AgendaItem> {
        let (task, project) = (self.task_id?, self.project_id?);
        Some(AgendaItem {
            path: org.organization.path(&format!("/projects/{project}/tasks/{task}")),
            name: self.title?,
            context: format!("{} · {}", self.project_name?, self.status?.label()),
            due: self.due_on.map(|day| day.words()),
            is_overdue: self.due_on.is_some_and(|day| day < org.now.to_day()),
        })
    }
}

/// The number of projects that the viewer can see, the number of open tasks in them, and the
/// viewer's next tasks, in one statement, because the page may run only four.
async fn read(tx: &mut OrgTx, viewer: Viewer) -> Result<Vec<Row>, sqlx::Error> {
    viewer
        .query(
            tx,
            sql!(concat!(
                "select f.projects, f.tasks, n.task_id, n.project_id, n.title, n.project_name,
                        n.status, n.due_on
                 from (
                    select (select count(*) from projects p
                            where p.organization_id = $1 and p.archived_at is null and ",
                visible!("p"),
                ") as projects,
                           (select count(*) from tasks t
                            join projects p
                                on p.organization_id = t.organization_id and p.id = t.project_id
                            where t.organization_id = $1 and t.status <> 'done'
                                and t.archived_at is null and t.deleted_at is null
                                and p.archived_at is null and ",
                visible!("p"),
                ") as tasks
                 ) f
                 left join (
                    select t.id as task_id, t.project_id, t.title, p.name as project_name,
                           t.status, t.due_on, t.priority
                    from tasks t
                    join projects p on p.organization_id = t.organization_id and p.id = t.project_id
                    where t.organization_id = $1 and t.assignee_id = $3 and t.status <> 'done'
                        and t.deleted_at is null and t.archived_at is null
                        and p.archived_at is null and ",
                visible!("p"),
                " order by coalesce(t.due_on, '9999-12-31'), t.priority desc, t.id
                    limit $4
                 ) n on true
                 order by coalesce(n.due_on, '9999-12-31'), n.priority desc, n.task_id"
            )),
        )
        .bind(NEXT)
        .all()
        .await
}
