//! The commands for comments, which notify the people who are mentioned.

use super::model::{self, Comment, address, place};
use super::noun::{COMMENT_LIFE, CommentId};
use super::{notice, sql};
use crate::core::access::{Contribute, CurrentProject};
use crate::modules::work::tasks::noun::TaskId;
use crate::modules::work::tasks::{self, Task};
use crate::platform::error::{AppError, Result};
use crate::platform::noun::Refusal;
use crate::platform::tenant::OrgTx;

/// Adds a comment on a task of the current project, or on the project itself.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such task.
pub(crate) async fn create(
    current: &CurrentProject<Contribute>,
    task: Option<TaskId>,
    body: &str,
) -> Result<CommentId> {
    let (mut tx, actor, project) = current.write().await?;
    let about = find_task(&mut tx, current, task).await?;
    let id = sql::insert(&mut tx, project.id, task, actor.user_id, body, current.now).await?;
    notice::mention(&mut tx, project.id, id, body, actor.user_id).await?;
    tx.record(model::entry(COMMENT_LIFE.created, &project, about.as_ref(), id));
    tx.leads_to(&current.path(&format!("{}#comment-{id}", place(task)))).await?;
    tx.commit().await?;
    Ok(id)
}

/// Saves its author's changes based on `version` of a comment; returns the task that it is on.
///
/// # Errors
/// [`Refusal::Meanwhile`] when there is a newer version; [`AppError::Refused`] for anybody else.
pub(crate) async fn update(
    current: &CurrentProject<Contribute>,
    id: CommentId,
    version: i64,
    body: &str,
) -> Result<Option<TaskId>, Refusal<Comment>> {
    let (mut tx, actor, project) = current.write().await?;
    let comment = own(&mut tx, current, id).await?;
    if comment.version != version {
        return Err(Refusal::Meanwhile(Box::new(comment)));
    }
    let about = find_task(&mut tx, current, comment.task_id).await?;
    sql::update(&mut tx, id, body, current.now).await?;
    notice::mention(&mut tx, project.id, id, body, actor.user_id).await?;
    tx.record(model::entry(COMMENT_LIFE.changed, &project, about.as_ref(), id));
    tx.leads_to(&current.path(&address(comment.task_id, id))).await?;
    tx.commit().await?;
    Ok(comment.task_id)
}

/// The task that is commented on; it must exist if the path names one.
pub(super) async fn find_task(
    tx: &mut OrgTx,
    current: &CurrentProject<Contribute>,
    task: Option<TaskId>,
) -> Result<Option<Task>> {
    let Some(id) = task else { return Ok(None) };
    let task = tasks::live(tx, current.project.id, id).await?;
    task.map(Some).ok_or(AppError::NotFound)
}

/// The comment, if the caller is its author.
pub(super) async fn own(
    tx: &mut OrgTx,
    current: &CurrentProject<Contribute>,
    id: CommentId,
) -> Result<Comment> {
    let found = sql::find(tx, current.project.id, id).await?;
    let comment = found.filter(|comment| comment.deleted_at.is_none()).ok_or(AppError::NotFound)?;
    match comment.author_id == current.user.id {
        true => Ok(comment),
        false => Err(AppError::Refused("Only the author can edit a comment.".into())),
    }
}
