//! Deleting a comment, with a way back.

use axum::response::Response;

use super::model::{self, Comment, place};
use super::sql;
use crate::core::access::{Contribute, CurrentProject, ProjectRole};
use crate::modules::work::comments::noun::{COMMENT_DELETED, COMMENT_RESTORED, CommentId};
use crate::modules::work::tasks;
use crate::platform::error::{AppError, Result};
use crate::platform::web::{Flash, Id};

/// `POST /orgs/{slug}/projects/{project}/comments/{id}/delete`
pub async fn delete(
    current: CurrentProject<Contribute>,
    Id(id): Id<CommentId>,
) -> Result<Response> {
    let comment = set(&current, id, true).await?;
    let page = current.path(&format!("{}#comments", place(comment.task_id)));
    let undo = current.path(&format!("/comments/{id}/restore"));
    Ok(Flash::redirect_with_undo(&page, "The comment is deleted.", undo))
}

/// `POST /orgs/{slug}/projects/{project}/comments/{id}/restore`
pub async fn restore(
    current: CurrentProject<Contribute>,
    Id(id): Id<CommentId>,
) -> Result<Response> {
    let comment = set(&current, id, false).await?;
    let page = current.path(&format!("{}#comment-{id}", place(comment.task_id)));
    Ok(Flash::redirect(&page, "The comment is back."))
}

/// Sets it for whoever wrote the comment or leads the project.
async fn set(
    current: &CurrentProject<Contribute>,
    id: CommentId,
    deleted: bool,
) -> Result<Comment> {
    let (mut tx, actor, project, role) = current.write_with_role().await?;
    let comment = sql::find(&mut tx, project.id, id).await?.ok_or(AppError::NotFound)?;
    if comment.author_id != actor.user_id && role < ProjectRole::Lead {
        let words = "Only who wrote a comment, or leads the project, can delete it.";
        return Err(AppError::Refused(words.into()));
    }
    let about = match comment.task_id {
        Some(task) => tasks::live(&mut tx, project.id, task).await?,
        None => None,
    };
    let action = if deleted { COMMENT_DELETED } else { COMMENT_RESTORED };
    if sql::set_deleted(&mut tx, id, deleted.then_some(current.now)).await? {
        tx.record(model::entry(action, &project, about.as_ref(), id));
    }
    tx.commit().await?;
    Ok(comment)
}
