//! What is done with tasks. People are told when one is assigned to them.

use super::model::{Details, Direction, Status, Task};
use super::noun::{TASK_MOVED, TaskId};
use super::{assignment, order};
use crate::core::access::{Contribute, CurrentProject};
use crate::platform::error::Result;
use crate::platform::noun::command::{self, Refusal};
use crate::platform::noun::life::hold_live;

/// Adds a task to the current project, behind the others.
///
/// # Errors
/// [`Refusal::Fields`] where it is for someone who does not see the project.
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

/// Saves what was made of `version` of a task.
///
/// # Errors
/// Those of [`command::save`]; [`Refusal::Fields`] where it is for someone who does not see the
/// project.
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
    let mut entry = command::save(&mut tx, &task, version, &details, current.now).await?;
    if let Some(person) = person {
        assignment::announce(&mut tx, id, &person, &actor).await?;
        entry = entry.person(person.user_id);
    }
    tx.record(entry);
    tx.leads_to(&current.path(&format!("/tasks/{id}"))).await?;
    tx.commit().await?;
    Ok(())
}

/// Sets how far a task is; one that is that far already is left as it is.
///
/// # Errors
/// Those of [`command::save`].
pub(crate) async fn set_status(
    current: &CurrentProject<Contribute>,
    id: TaskId,
    status: Status,
) -> Result<(), Refusal<Task>> {
    let (mut tx, _, task) = hold_live::<Task>(current, id).await?;
    if task.details.status != status {
        let details = Details { status, ..task.details.clone() };
        let entry = command::save(&mut tx, &task, task.version, &details, current.now).await?;
        tx.record(entry);
    }
    tx.commit().await?;
    Ok(())
}

/// Moves a task one place up or down among those that are open, or among those that are done.
///
/// # Errors
/// Not found where there is no such task, or it was deleted.
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
