//! Tasks of the demonstration.

use super::assignment::news;
use super::commands::Changes;
use super::model::{Details, Priority, Status, Task};
use super::noun::{TASK_LIFE, TaskId};
use super::sql::live;
use crate::core::notices;
use crate::platform::clock::{Day, Timestamp};
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{MembershipId, ProjectId, UserId};
use crate::platform::noun::{Record, command};
use crate::platform::tenant::OrgTx;

/// A task of the demonstration.
pub(crate) struct Seed {
    pub title: &'static str,
    pub description: &'static str,
    pub priority: Priority,
    pub due_on: Option<Day>,
    pub assignee_id: Option<MembershipId>,
}

/// Adds a task to its project in the demonstration, and tells its assignee in their inbox.
pub(crate) async fn seed(
    tx: &mut OrgTx,
    project: ProjectId,
    seed: Seed,
    actor: UserId,
    now: Timestamp,
) -> Result<TaskId> {
    let Seed { title, description, priority, due_on, assignee_id } = seed;
    let (title, description) = (title.to_owned(), description.to_owned());
    let details =
        Details { title, description, assignee_id, status: Status::Todo, priority, due_on };
    let id = Task::insert(tx, project, &details, now).await?;
    tx.record(Task::entry_of(TASK_LIFE.created, project, id, &details));
    tell(tx, project, id, assignee_id, actor).await?;
    Ok(id)
}

/// Changes a task in the demonstration, and tells a new assignee, who has the account `assignee`, in their
/// inbox.
pub(crate) async fn seed_change(
    tx: &mut OrgTx,
    project: ProjectId,
    id: TaskId,
    changes: Changes,
    assignee: Option<UserId>,
    actor: UserId,
    now: Timestamp,
) -> Result<()> {
    let task = live(tx, project, id).await?.ok_or(AppError::NotFound)?;
    let details = changes.applied_to(&task.details);
    let saved = command::save(tx, &task, task.version, &details, now).await;
    if let Some(entry) = saved.map_err(command::Refusal::without_form)? {
        tx.record(match assignee {
            Some(user) => entry.person(user),
            None => entry,
        });
    }
    tell(tx, project, id, changes.assignee_id.flatten(), actor).await
}

async fn tell(
    tx: &mut OrgTx,
    project: ProjectId,
    id: TaskId,
    assignee: Option<MembershipId>,
    actor: UserId,
) -> Result<()> {
    match assignee {
        Some(assignee) => notices::seed(tx, assignee, actor, &news(project, id, actor)).await,
        None => Ok(()),
    }
}
