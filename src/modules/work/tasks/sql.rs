//! The statements about tasks. Whoever changes one holds the lock of its project.

use super::model::{Details, Priority, Status, Task, entry};
use crate::modules::work::tasks::noun::{TASK_CREATED, TaskId};
use crate::platform::clock::{Day, Timestamp};
use crate::platform::db::statement::sql;
use crate::platform::ids::{MembershipId, ProjectId};
use crate::platform::tenant::OrgTx;
use crate::platform::text::name_key;

/// How far apart tasks are put, so that others find room between them.
pub(super) const GAP: i64 = 1024;

macro_rules! columns {
    () => {
        "t.id, t.project_id, t.title, t.description, t.assignee_id, t.status, t.priority, t.due_on,
         t.position, t.version, t.created_at, t.updated_at, t.completed_at, t.archived_at,
         t.deleted_at,
         (select u.name from memberships m
          join users u on u.id = m.user_id
          where m.organization_id = $1 and m.id = t.assignee_id) as assignee_name,
         (select q.id from memberships m
          join pictures q on q.user_id = m.user_id
          where m.organization_id = $1 and m.id = t.assignee_id) as assignee_picture"
    };
}
pub(super) use columns;

/// The task `id` of a project, deleted or not.
pub(super) async fn find(
    tx: &mut OrgTx,
    project: ProjectId,
    id: TaskId,
) -> Result<Option<Task>, sqlx::Error> {
    tx.query(sql!(concat!(
        "select ",
        columns!(),
        " from tasks t where t.organization_id = $1 and t.project_id = $2 and t.id = $3"
    )))
    .bind(project)
    .bind(id)
    .optional()
    .await
}

/// The task `id` of a project, unless it was deleted.
pub(crate) async fn live(
    tx: &mut OrgTx,
    project: ProjectId,
    id: TaskId,
) -> Result<Option<Task>, sqlx::Error> {
    Ok(find(tx, project, id).await?.filter(|task| task.deleted_at.is_none()))
}

/// The tasks of a project in their order: those that are open, or those that are done.
pub(super) async fn of_project(
    tx: &mut OrgTx,
    project: ProjectId,
    done: bool,
    limit: i64,
) -> Result<Vec<Task>, sqlx::Error> {
    tx.query(sql!(concat!(
        "select ",
        columns!(),
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

/// How many tasks of a project are open, and how many are done.
pub(super) async fn counts(tx: &mut OrgTx, project: ProjectId) -> Result<(i64, i64), sqlx::Error> {
    tx.query(sql!(
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

/// Puts a task at the end of its project.
pub(super) async fn insert(
    tx: &mut OrgTx,
    project: ProjectId,
    details: &Details,
    now: Timestamp,
) -> Result<TaskId, sqlx::Error> {
    let id = TaskId::new();
    let completed_at = (details.status == Status::Done).then_some(now);
    tx.query(sql!(
        "insert into tasks
            (organization_id, id, project_id, assignee_id, title, title_key, description, status,
             priority, due_on, position, version, created_at, updated_at, completed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
                 (select coalesce(max(position), 0) + $11 from tasks
                  where organization_id = $1 and project_id = $3),
                 1, $12, $12, $13)"
    ))
    .bind(id)
    .bind(project)
    .bind(details.assignee_id)
    .bind(&details.title)
    .bind(name_key(&details.title))
    .bind(&details.description)
    .bind(details.status)
    .bind(details.priority)
    .bind(details.due_on)
    .bind(GAP)
    .bind(now)
    .bind(completed_at)
    .execute()
    .await?;
    Ok(id)
}

/// A task of the demonstration.
pub(crate) struct Seed<'a> {
    pub title: &'a str,
    pub status: Status,
    pub priority: Priority,
    pub due_on: Option<Day>,
    pub assignee_id: Option<MembershipId>,
}

/// Puts a task of the demonstration into its project.
pub(crate) async fn seed(
    tx: &mut OrgTx,
    project: ProjectId,
    seed: Seed<'_>,
    now: Timestamp,
) -> Result<TaskId, sqlx::Error> {
    let Seed { title, status, priority, due_on, assignee_id } = seed;
    let (title, description) = (title.to_owned(), String::new());
    let details = Details { title, description, assignee_id, status, priority, due_on };
    let id = insert(tx, project, &details, now).await?;
    tx.record(entry(TASK_CREATED, project, id, &details.title));
    Ok(id)
}

/// Saves a task.
pub(super) async fn update(
    tx: &mut OrgTx,
    task: &Task,
    details: &Details,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let completed_at = match details.status {
        Status::Done => task.completed_at.or(Some(now)),
        Status::Todo | Status::Doing => None,
    };
    tx.query(sql!(
        "update tasks
         set assignee_id = $3, title = $4, title_key = $5, description = $6, status = $7,
             priority = $8, due_on = $9, completed_at = $10, version = version + 1,
             updated_at = $11
         where organization_id = $1 and id = $2"
    ))
    .bind(task.id)
    .bind(details.assignee_id)
    .bind(&details.title)
    .bind(name_key(&details.title))
    .bind(&details.description)
    .bind(details.status)
    .bind(details.priority)
    .bind(details.due_on)
    .bind(completed_at)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}
