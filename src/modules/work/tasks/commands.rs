//! The commands for tasks, which notify new assignees.

use super::model::{Details, Direction, Priority, Status, Task};
use super::noun::{TASK_MOVED, TaskId};
use super::{assignment, order};
use crate::core::access::{Contribute, CurrentProject};
use crate::platform::clock::{Day, Timestamp};
use crate::platform::error::Result;
use crate::platform::ids::MembershipId;
use crate::platform::noun::command::{self, Refusal};
use crate::platform::noun::life::hold_live;
use crate::platform::tenant::{Actor, OrgTx};

/// Adds a task to the end of the current project's list; `page` is where its answer leads.
///
/// # Errors
/// [`Refusal::Fields`] when its assignee cannot see the project.
pub(crate) async fn create(
    current: &CurrentProject<Contribute>,
    details: Details,
    page: impl FnOnce(TaskId) -> String,
) -> Result<TaskId, Refusal<Task>> {
    let (mut tx, actor, project) = current.write().await?;
    let person = assignment::hold(&mut tx, project.id, details.assignee_id).await?;
    let id = command::insert::<Task>(&mut tx, project.id, &details, current.now).await?;
    if let Some(person) = person {
        assignment::announce(&mut tx, id, &person, &actor).await?;
    }
    tx.leads_to(&page(id)).await?;
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
    tx.leads_to(&current.path(&format!("/tasks/{id}"))).await?;
    save(tx, &actor, &task, version, &details, current.now).await
}

/// The new values of some details of a task; the others stay.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Changes {
    pub status: Option<Status>,
    pub priority: Option<Priority>,
    pub due_on: Option<Option<Day>>,
    pub assignee_id: Option<Option<MembershipId>>,
}

impl Changes {
    /// The details with these changes.
    pub(super) fn applied_to(self, details: &Details) -> Details {
        Details {
            status: self.status.unwrap_or(details.status),
            priority: self.priority.unwrap_or(details.priority),
            due_on: self.due_on.unwrap_or(details.due_on),
            assignee_id: self.assignee_id.unwrap_or(details.assignee_id),
            ..details.clone()
        }
    }
}

/// Changes some details of a task, whatever the others are by now.
///
/// # Errors
/// Those of [`update`].
pub(crate) async fn change(
    current: &CurrentProject<Contribute>,
    id: TaskId,
    changes: Changes,
) -> Result<(), Refusal<Task>> {
    let (tx, actor, task) = hold_live::<Task>(current, id).await?;
    let details = changes.applied_to(&task.details);
    save(tx, &actor, &task, task.version, &details, current.now).await
}

/// Saves the details of a task, which is held, and tells a new assignee.
async fn save(
    mut tx: OrgTx,
    actor: &Actor,
    task: &Task,
    version: i64,
    details: &Details,
    now: Timestamp,
) -> Result<(), Refusal<Task>> {
    let is_new = details.assignee_id != task.details.assignee_id;
    let newcomer = details.assignee_id.filter(|_| is_new);
    let person = assignment::hold(&mut tx, task.project_id, newcomer).await?;
    if let Some(mut entry) = command::save(&mut tx, task, version, details, now).await? {
        if let Some(person) = person {
            assignment::announce(&mut tx, task.id, &person, actor).await?;
            entry = entry.person(person.user_id);
        }
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

/// Moves a task directly before another one of its project; to the end without one, or when the
/// other one is gone.
///
/// # Errors
/// Those of [`move_by_one`].
pub(crate) async fn move_before(
    current: &CurrentProject<Contribute>,
    id: TaskId,
    next: Option<TaskId>,
) -> Result<()> {
    let (mut tx, _, task) = hold_live::<Task>(current, id).await?;
    if order::move_before(&mut tx, &task, next).await? {
        tx.record(task.entry(TASK_MOVED));
    }
    tx.commit().await?;
    Ok(())
}
