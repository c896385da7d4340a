//! Archiving and deleting a project, each with a way back.

use axum::response::Response;

use super::edit::{free_code, looks_derived};
use super::sql;
use crate::core::access::project::Details;
use crate::core::access::{CurrentProject, Lead, LeadDeleted};

/// How often a code is looked for that another project gets a moment earlier.
const TRIES: usize = 5;
use crate::platform::audit::Action;
use crate::platform::db::constraints::PROJECT_CODE;
use crate::platform::error::{AppError, Result};
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

/// `POST /orgs/{slug}/projects/{project}/restore`: a code that nobody typed, and that another project
/// has by now, gives way to the next one.
pub async fn restore(current: CurrentProject<LeadDeleted>) -> Result<Response> {
    for _ in 1..TRIES {
        match bring_back(&current).await {
            // Another project has got the code at this moment.
            Err(error) if error.breaks(PROJECT_CODE) => {}
            answer => return answer,
        }
    }
    bring_back(&current).await
}

async fn bring_back(current: &CurrentProject<LeadDeleted>) -> Result<Response> {
    let (mut tx, _, project) = current.write().await?;
    let Details { name, code, .. } = &project.details;
    let mut words = format!("{name} is back.");
    if project.deleted_at.is_some() {
        let mut entry = project.entry(Action::ProjectRestored);
        if sql::codes(&mut tx, code).await?.contains(code) {
            let is_derived = sql::code_is_derived(&mut tx, project.id).await?;
            if !is_derived.unwrap_or_else(|| looks_derived(code, name)) {
                return Err(taken(current, code));
            }
            let details =
                Details { code: free_code(&mut tx, name).await?, ..project.details.clone() };
            let is_restricted = project.is_restricted;
            sql::update(&mut tx, project.id, &details, is_restricted, current.now).await?;
            words =
                format!("{words} Its code is {} now: another project has {code}.", details.code);
            entry = entry.change(&project.details, &details);
        }
        sql::set_state(&mut tx, project.id, project.archived_at, None, current.now).await?;
        tx.record(entry);
    }
    tx.commit().await?;
    Ok(Flash::redirect(&current.path(""), words))
}

/// That another project has the code that somebody typed for this one, and what to do.
fn taken(current: &CurrentProject<LeadDeleted>, code: &str) -> AppError {
    AppError::InTheWay {
        words: format!(
            "Another project has the code {code} by now. Give that one another code, then restore \
             this one."
        ),
        path: current.organization.path(&format!("/projects?q={code}&state=all")),
        label: "Find that project",
    }
}
