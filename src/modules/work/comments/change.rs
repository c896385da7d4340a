//! Deleting and restoring a comment.

use super::model::{self, Comment, address, place};
use super::noun::{COMMENT_LIFE, CommentId};
use super::sql;
use crate::core::access::{Contribute, CurrentProject, Project, ProjectRole};
use crate::modules::work::tasks::{self, Task};
use crate::platform::audit::{Action, Entry};
use crate::platform::error::{AppError, Result};
use crate::platform::noun::life::{Life, Living, life, steps};
use crate::platform::noun::place::Place;
use crate::platform::tenant::{Actor, OrgTx};

/// A comment, with the name of what it is on.
pub struct Held {
    comment: Comment,
    project: Project,
    task: Option<Task>,
}

impl Living for Held {
    type Id = CommentId;
    const LIFE: Life = life!("comments", COMMENT_LIFE, never archived);

    fn id(&self) -> CommentId {
        self.comment.id
    }

    fn name(&self) -> &str {
        "Comment"
    }

    fn is_deleted(&self) -> bool {
        self.comment.deleted_at.is_some()
    }

    fn entry(&self, action: Action) -> Entry {
        model::entry(action, &self.project, self.task.as_ref(), self.comment.id)
    }
}

impl Place<Held> for CurrentProject<Contribute> {
    async fn find(&self, tx: &mut OrgTx, id: CommentId) -> Result<Option<Held>> {
        held(tx, self.project.clone(), id).await
    }

    /// For the comment's author and the leads of the project.
    async fn hold(&self, id: CommentId) -> Result<(OrgTx, Actor, Held)> {
        let (mut tx, actor, project, role) = self.write_with_role().await?;
        let held = held(&mut tx, project, id).await?.ok_or(AppError::NotFound)?;
        if held.comment.author_id != actor.user_id && role < ProjectRole::Lead {
            let words = "Only the author or a project lead can delete a comment.";
            return Err(AppError::Refused(words.into()));
        }
        Ok((tx, actor, held))
    }

    fn path(&self, id: CommentId) -> String {
        self.path(&format!("/comments/{id}"))
    }

    fn page(&self, Held { comment, .. }: &Held) -> String {
        self.path(&address(comment.task_id, comment.id))
    }

    fn list(&self, Held { comment, .. }: &Held) -> String {
        self.path(&format!("{}#comments", place(comment.task_id)))
    }
}

async fn held(tx: &mut OrgTx, project: Project, id: CommentId) -> Result<Option<Held>> {
    let Some(comment) = sql::find(tx, project.id, id).await? else { return Ok(None) };
    let task = match comment.task_id {
        Some(task) => tasks::live(tx, project.id, task).await?,
        None => None,
    };
    Ok(Some(Held { comment, project, task }))
}

steps!(Held, CommentId, CurrentProject<Contribute>: delete = Delete, restore = Restore);
