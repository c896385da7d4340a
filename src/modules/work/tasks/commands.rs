//! The commands for tasks, which notify new assignees.

use super::model::{Details, Direction, Status, Task};
use super::noun::{TASK_MOVED, TaskId};
use super::{assignment, order};
use crate::core::access::{Contribute, CurrentProject};
use crate::platform::error::Result;
use crate::platform::noun::command::{self, Refusal};
use crate::platform::noun::life::hold_live;

/// Adds a task to the end of the current project's list.
///
/// # Errors
/// [`Refusal::Fields`] when its assignee cannot see the project.
pub(crate) async fn create(
    current: &CurrentProject<Contribute>,
    details: Details,
) -> Result<TaskId, Refusal<Task>> {
    let (mut tx, actor, project) = current.write().await?;
    let person = assignment::hold(&mut tx, project.id, details.assignee_id).await?;
    let id = command::insert::<Task>(&mut tx, project.id, &details, current.now).await?;
    if let Some(person) = person {
        assignment::announce(&mut tx, id, &person, &actor).await?;
    }
    tx.leads_to(&current.path(&format!("#task-{id}"))).await?;
    tx.commit().await?;
    Ok(id)
}

/// Saves changes based on `version` of a task.
///
/// # Errors
/// Those of [`command::save`]; [`Refusal::Fields`] when the assignee cannot see the project.
pub(crate) async fn update(
    current: &CurrentProject<Contribute>,
    id: TaskId,
    version: i64,
    details: Details,
) -> Result<(), Refusal<Task>> {
    let (mut tx, actor, task) = hold_live::<Task>(current, id).await?;
    command::expect_version(&task, version)?;
    let is_new = details.assignee_id != task.details.assignee_id;
    let newcomer = details.assignee_id.filter(|_| is_new);
    let person = assignment::hold(&mut tx, task.project_id, newcomer).await?;
    if let Some(mut entry) = command::save(&mut tx, &task, version, &details, current.now).await? {
        if let Some(person) = person {
            assignment::announce(&mut tx, id, &person, &actor).await?;
            entry = entry.person(person.user_id);
        }
        tx.record(entry);
    }
    tx.leads_to(&current.path(&format!("/tasks/{id}"))).await?;
    tx.commit().await?;
    Ok(())
}

/// Sets the status of a task.
///
/// # Errors
/// Those of [`command::save`].
pub(crate) async fn set_status(
    current: &CurrentProject<Contribute>,
    id: TaskId,
    status: Status,
) -> Result<(), Refusal<Task>> {
    let (mut tx, _, task) = hold_live::<Task>(current, id).await?;
    let details = Details { status, ..task.details.clone() };
    if let Some(entry) = command::save(&mut tx, &task, task.version, &details, current.now).await? {
        tx.record(entry);
    }
    tx.commit().await?;
    Ok(())
}

/// Moves a task one place up or down among the open tasks, or among the finished ones.
///
/// # Errors
/// [`AppError::NotFound`](crate::platform::error::AppError::NotFound) when there is no such task,
/// or it was deleted.
pub(crate) async fn move_by_one(
    current: &CurrentProject<Contribute>,
    id: TaskId,
    direction: Direction,
) -> Result<()> {
    let (mut tx, _, task) = hold_live::<Task>(current, id).await?;
    if order::move_by_one(&mut tx, &task, direction).await? {
        tx.record(task.entry(TASK_MOVED));
    }
    tx.commit().await?;
    Ok(())
}
