//! The statements about tasks. Code that changes a task must hold the lock of its project.

use super::model::Task;
use super::noun::TaskId;
use crate::core::access::IN_PROJECT;
use crate::platform::db::join::join;
use crate::platform::db::statement::sql;
use crate::platform::ids::ProjectId;
use crate::platform::noun::record::Inside;
use crate::platform::tenant::OrgTx;

/// The distance between the positions of tasks, which leaves room between them.
pub(super) const GAP: i64 = 1024;

/// The task `id` of a project, unless it was deleted.
pub(crate) async fn live(
    tx: &mut OrgTx,
    project: ProjectId,
    id: TaskId,
) -> Result<Option<Task>, sqlx::Error> {
    Ok(Task::find(tx, project, id).await?.filter(|task| task.deleted_at.is_none()))
}

/// The open or the finished tasks of a project, in their order.
pub(super) async fn of_project(
    tx: &mut OrgTx,
    project: ProjectId,
    done: bool,
    limit: i64,
) -> Result<Vec<Task>, sqlx::Error> {
    tx.query(sql!(unfiltered because IN_PROJECT, join!(
        "select ",
        Task::COLUMNS,
        " from tasks t
         where t.organization_id = $1 and t.project_id = $2 and (t.status = 'done') = $3
            and t.deleted_at is null and t.archived_at is null
         order by t.position, t.id
         limit $4"
    )))
    .bind(project)
    .bind(done)
    .bind(limit)
    .all()
    .await
}

/// The numbers of open and of finished tasks of a project.
pub(super) async fn counts(tx: &mut OrgTx, project: ProjectId) -> Result<(i64, i64), sqlx::Error> {
    tx.query(sql!(
        unfiltered because IN_PROJECT,
        "select cast(coalesce(sum(case when status = 'done' then 0 else 1 end), 0) as bigint),
                cast(coalesce(sum(case when status = 'done' then 1 else 0 end), 0) as bigint)
         from tasks
         where organization_id = $1 and project_id = $2 and deleted_at is null
            and archived_at is null"
    ))
    .bind(project)
    .one()
    .await
}
