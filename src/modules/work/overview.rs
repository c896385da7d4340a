//! The module's panel on an organization's overview: how much there is to do, and the viewer's next
//! tasks.

use super::tasks::Status;
use crate::core::access::{Viewer, visible};
use crate::modules::work::tasks::noun::TaskId;
use crate::platform::clock::Day;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::sql;
use crate::platform::ids::ProjectId;
use crate::platform::module::{Agenda, AgendaItem, Figure, Loading, Panel};
use crate::platform::tenant::OrgTx;
use crate::platform::tenant::current_org::Context;

/// How many tasks are shown.
const NEXT: i64 = 5;

/// The module's panel.
pub(super) fn load<'a>(tx: &'a mut OrgTx, org: &'a Context) -> Loading<'a> {
    Box::pin(async move {
        let rows = read(tx, Viewer::of(org)).await?;
        let (projects, tasks) = rows.first().map_or((0, 0), |row| (row.projects, row.tasks));
        let path = |rest: &str| org.organization.path(rest);
        let figures = vec![
            Figure { value: projects, label: "Project", path: path("/projects") },
            Figure { value: tasks, label: "Open task", path: path("/tasks?status=unfinished") },
        ];
        let items: Vec<_> = rows.into_iter().filter_map(|row| row.item(org)).collect();
        let agenda = (!items.is_empty()).then(|| Agenda {
            title: "My open tasks",
            path: path("/tasks?assignee=me&status=unfinished"),
            items,
        });
        Ok(Panel { figures, agenda })
    })
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
