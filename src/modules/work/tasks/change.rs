//! Archiving and deleting a task, each with a way back. Its comments go and come with it.

use super::model::Task;
use super::noun::{TASK_ARCHIVED, TASK_DELETED, TASK_RESTORED, TASK_UNARCHIVED, TaskId};
use super::sql;
use crate::core::access::{Contribute, CurrentProject};
use crate::platform::audit::{Action, Entry};
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::noun::life::{Life, Living, Place, Step, life, steps};
use crate::platform::tenant::OrgTx;

impl Living for Task {
    type Id = TaskId;
    const LIFE: Life = life!("tasks", |step| match step {
        Step::Archive => TASK_ARCHIVED,
        Step::Unarchive => TASK_UNARCHIVED,
        Step::Delete => TASK_DELETED,
        Step::Restore => TASK_RESTORED,
    });

    fn id(&self) -> TaskId {
        self.id
    }

    fn name(&self) -> &str {
        &self.details.title
    }

    fn is_deleted(&self) -> bool {
        self.deleted_at.is_some()
    }

    fn entry(&self, action: Action) -> Entry {
        self.entry(action)
    }
}

impl Place<Task> for CurrentProject<Contribute> {
    async fn hold(&self, id: TaskId) -> Result<(OrgTx, Task)> {
        let (mut tx, _, project) = self.write().await?;
        let task = sql::find(&mut tx, project.id, id).await?.ok_or(AppError::NotFound)?;
        Ok((tx, task))
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn page(&self, task: &Task) -> String {
        self.path(&format!("/tasks/{}", task.id))
    }

    fn list(&self, _: &Task) -> String {
        self.path("")
    }
}

steps!(Task, TaskId, CurrentProject<Contribute>:
    archive = Archive, unarchive = Unarchive, delete = Delete, restore = Restore);
