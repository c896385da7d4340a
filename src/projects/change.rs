//! Archiving and deleting a project, each with a way back.

use axum::response::Response;

use super::current::{CurrentProject, Lead, LeadDeleted};
use super::sql;
use crate::error::{AppError, Result};
use crate::platform::audit::Action;
use crate::platform::db::constraints::PROJECT_CODE;
use crate::platform::web::Flash;

/// `POST /orgs/{slug}/projects/{project}/archive`
pub async fn archive(current: CurrentProject<Lead>) -> Result<Response> {
    let (mut tx, _, project) = current.write().await?;
    if project.archived_at.is_none() {
        sql::set_state(&mut tx, project.id, Some(current.now), None, current.now).await?;
        tx.record(project.entry(Action::ProjectArchived));
    }
    tx.commit().await?;
    let words = format!("{} is archived.", project.details.name);
    let list = current.organization.path("/projects");
    Ok(Flash::redirect_with_undo(&list, words, current.path("/unarchive")))
}

/// `POST /orgs/{slug}/projects/{project}/unarchive`
pub async fn unarchive(current: CurrentProject<Lead>) -> Result<Response> {
    let (mut tx, _, project) = current.write().await?;
    if project.archived_at.is_some() {
        sql::set_state(&mut tx, project.id, None, None, current.now).await?;
        tx.record(project.entry(Action::ProjectUnarchived));
    }
    tx.commit().await?;
    let words = format!("{} is out of the archive.", project.details.name);
    Ok(Flash::redirect(&current.path(""), words))
}

/// `POST /orgs/{slug}/projects/{project}/delete`: with its tasks and comments, which come back
/// with it.
pub async fn delete(current: CurrentProject<LeadDeleted>) -> Result<Response> {
    let (mut tx, _, project) = current.write().await?;
    if project.deleted_at.is_none() {
        sql::set_state(&mut tx, project.id, project.archived_at, Some(current.now), current.now)
            .await?;
        tx.record(project.entry(Action::ProjectDeleted));
    }
    tx.commit().await?;
    let words = format!("{} is deleted.", project.details.name);
    let list = current.organization.path("/projects");
    Ok(Flash::redirect_with_undo(&list, words, current.path("/restore")))
}

/// `POST /orgs/{slug}/projects/{project}/restore`
pub async fn restore(current: CurrentProject<LeadDeleted>) -> Result<Response> {
    let (mut tx, _, project) = current.write().await?;
    if project.deleted_at.is_some() {
        let restored =
            sql::set_state(&mut tx, project.id, project.archived_at, None, current.now).await;
        match restored.map_err(AppError::from) {
            Err(error) if error.breaks(PROJECT_CODE) => {
                let words = format!("Another project has the code {} now.", project.details.code);
                return Err(AppError::Conflict(words.into()));
            }
            restored => restored?,
        }
        tx.record(project.entry(Action::ProjectRestored));
    }
    tx.commit().await?;
    let words = format!("{} is back.", project.details.name);
    Ok(Flash::redirect(&current.path(""), words))
}
