//! Archiving and deleting a task, each with a way back.

use axum::response::Response;

use super::model::Task;
use super::sql;
use crate::core::access::{Contribute, CurrentProject};
use crate::platform::audit::Action;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{ProjectId, TaskId};
use crate::platform::tenant::OrgTx;
use crate::platform::web::{Flash, Id};

/// `POST /orgs/{slug}/projects/{project}/tasks/{id}/archive`
pub async fn archive(current: CurrentProject<Contribute>, Id(id): Id<TaskId>) -> Result<Response> {
    let (mut tx, _, project) = current.write().await?;
    let task = live(&mut tx, project.id, id).await?;
    if task.archived_at.is_none() {
        sql::set_state(&mut tx, id, Some(current.now), None, current.now).await?;
        tx.record(task.entry(Action::TaskArchived));
    }
    tx.commit().await?;
    let words = format!("{} is archived.", task.details.title);
    let undo = current.path(&format!("/tasks/{id}/unarchive"));
    Ok(Flash::redirect_with_undo(&current.path(""), words, undo))
}

/// `POST /orgs/{slug}/projects/{project}/tasks/{id}/unarchive`
pub async fn unarchive(
    current: CurrentProject<Contribute>,
    Id(id): Id<TaskId>,
) -> Result<Response> {
    let (mut tx, _, project) = current.write().await?;
    let task = live(&mut tx, project.id, id).await?;
    if task.archived_at.is_some() {
        sql::set_state(&mut tx, id, None, None, current.now).await?;
        tx.record(task.entry(Action::TaskUnarchived));
    }
    tx.commit().await?;
    let words = format!("{} is out of the archive.", task.details.title);
    Ok(Flash::redirect(&current.path(&format!("/tasks/{id}")), words))
}

/// `POST /orgs/{slug}/projects/{project}/tasks/{id}/delete`: with its comments, which come back
/// with it.
pub async fn delete(current: CurrentProject<Contribute>, Id(id): Id<TaskId>) -> Result<Response> {
    let (mut tx, _, project) = current.write().await?;
    let task = find(&mut tx, project.id, id).await?;
    if task.deleted_at.is_none() {
        sql::set_state(&mut tx, id, task.archived_at, Some(current.now), current.now).await?;
        tx.record(task.entry(Action::TaskDeleted));
    }
    tx.commit().await?;
    let words = format!("{} is deleted.", task.details.title);
    let undo = current.path(&format!("/tasks/{id}/restore"));
    Ok(Flash::redirect_with_undo(&current.path(""), words, undo))
}

/// `POST /orgs/{slug}/projects/{project}/tasks/{id}/restore`
pub async fn restore(current: CurrentProject<Contribute>, Id(id): Id<TaskId>) -> Result<Response> {
    let (mut tx, _, project) = current.write().await?;
    let task = find(&mut tx, project.id, id).await?;
    if task.deleted_at.is_some() {
        sql::set_state(&mut tx, id, task.archived_at, None, current.now).await?;
        tx.record(task.entry(Action::TaskRestored));
    }
    tx.commit().await?;
    let words = format!("{} is back.", task.details.title);
    Ok(Flash::redirect(&current.path(&format!("/tasks/{id}")), words))
}

async fn find(tx: &mut OrgTx, project: ProjectId, id: TaskId) -> Result<Task> {
    sql::find(tx, project, id).await?.ok_or(AppError::NotFound)
}

async fn live(tx: &mut OrgTx, project: ProjectId, id: TaskId) -> Result<Task> {
    sql::live(tx, project, id).await?.ok_or(AppError::NotFound)
}
