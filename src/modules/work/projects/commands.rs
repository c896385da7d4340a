//! The commands for projects themselves.

use super::code::{free_code, looks_derived};
use super::{members, sql};
use crate::core::access::noun::{CreateProjects, PROJECT_CODE, PROJECT_LIFE};
use crate::core::access::project::{Details, Project};
use crate::core::access::{CurrentProject, Lead, LeadDeleted, ProjectRole, Viewer, release_others};
use crate::modules::work::clients::Client;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{MembershipId, ProjectId};
use crate::platform::noun::Refusal;
use crate::platform::noun::command;
use crate::platform::noun::life::{self, Living, Step};
use crate::platform::noun::record::InOrganization;
use crate::platform::tenant::{CurrentOrg, OrgTx};

/// The error when the selected client does not exist.
pub(super) const NO_CLIENT: &str = "Choose a client of the organization.";
/// How often to derive another code if another project has just taken it.
const TRIES: usize = 5;

/// Creates a project, led by the member who creates it. An empty code is derived from the name.
///
/// # Errors
/// [`Refusal::Fields`] when the code is taken, or there is no such client.
pub(crate) async fn create(
    org: &CurrentOrg<CreateProjects>,
    details: Details,
) -> Result<ProjectId, Refusal<Project>> {
    for _ in 1..TRIES {
        match try_to_create(org, details.clone()).await {
            // Another project has just taken the derived code.
            Err(Refusal::Fields(errors))
                if errors.on("code").is_some() && details.code.is_empty() => {}
            created => return created,
        }
    }
    try_to_create(org, details).await
}

async fn try_to_create(
    org: &CurrentOrg<CreateProjects>,
    mut details: Details,
) -> Result<ProjectId, Refusal<Project>> {
    let (mut tx, actor) = org.write().await?;
    expect_client(&mut tx, &details).await?;
    let is_derived = details.code.is_empty();
    if is_derived {
        details.code = free_code(&mut tx, &details.name).await?;
    }
    let id = command::insert::<Project>(&mut tx, (), &details, org.now).await?;
    sql::note_code(&mut tx, id, is_derived).await?;
    // An operator on a visit cannot be a member of a project.
    if actor.membership_id != MembershipId::NONE {
        members::insert(&mut tx, id, actor.membership_id, ProjectRole::Lead, org.now).await?;
    }
    tx.leads_to(&org.organization.path(&format!("/projects/{id}"))).await?;
    tx.commit().await?;
    Ok(id)
}

async fn expect_client(tx: &mut OrgTx, details: &Details) -> Result<(), Refusal<Project>> {
    match details.client_id {
        Some(id) => match Client::find(tx, id).await? {
            Some(client) if !client.is_deleted() => Ok(()),
            _ => Err(Refusal::field("client", NO_CLIENT)),
        },
        None => Ok(()),
    }
}

/// Saves changes based on `version` of the current project. An empty code leaves it unchanged.
///
/// # Errors
/// Those of [`command::save`]; [`Refusal::Fields`] when there is no such client.
pub(crate) async fn update(
    current: &CurrentProject<Lead>,
    version: i64,
    mut details: Details,
) -> Result<(), Refusal<Project>> {
    let (mut tx, _, project) = current.write().await?;
    command::expect_version(&project, version)?;
    if details.client_id != project.details.client_id {
        expect_client(&mut tx, &details).await?;
    }
    if details.code.is_empty() {
        details.code.clone_from(&project.details.code);
    }
    let entry = command::save(&mut tx, &project, version, &details, current.now).await?;
    if details.code != project.details.code {
        sql::note_code(&mut tx, project.id, false).await?;
    }
    release_others(&mut tx, project.id).await?;
    if let Some(entry) = entry {
        tx.record(entry);
    }
    tx.leads_to(&current.path("")).await?;
    tx.commit().await?;
    Ok(())
}

/// Restores the current project. If its derived code was taken by another project, or any code by
/// one that the caller cannot see, it gets a new one, which is returned.
///
/// # Errors
/// [`AppError::InTheWay`] when another project that the caller sees has taken a code that somebody
/// typed for this one.
pub(crate) async fn restore(current: &CurrentProject<LeadDeleted>) -> Result<Option<String>> {
    for _ in 1..TRIES {
        match try_to_restore(current).await {
            // Another project has just taken the code.
            Err(error) if error.breaks(PROJECT_CODE) => {}
            restored => return restored,
        }
    }
    try_to_restore(current).await
}

async fn try_to_restore(current: &CurrentProject<LeadDeleted>) -> Result<Option<String>> {
    let (mut tx, actor, project) = current.write().await?;
    let Details { name, code, .. } = &project.details;
    let mut new_code = None;
    if project.deleted_at.is_some() && sql::codes(&mut tx, code).await?.contains(code) {
        let is_derived = sql::code_is_derived(&mut tx, project.id).await?;
        let is_derived = is_derived.unwrap_or_else(|| looks_derived(code, name));
        // Somebody who cannot see the other project cannot give it another code.
        if !is_derived && sql::sees_code(&mut tx, Viewer::acting(&actor), code).await? {
            return Err(taken(current, code));
        }
        let details = Details { code: free_code(&mut tx, name).await?, ..project.details.clone() };
        sql::set_code(&mut tx, project.id, &details).await?;
        tx.record(project.entry(PROJECT_LIFE.changed).change(&project.details, &details));
        new_code = Some(details.code);
    }
    life::take(&mut tx, &project, Step::Restore, current.now).await?;
    tx.commit().await?;
    Ok(new_code)
}

/// The error when another project has taken a code that somebody typed for this one.
fn taken(current: &CurrentProject<LeadDeleted>, code: &str) -> AppError {
    AppError::InTheWay {
        words: format!(
            "Another project now has the code {code}. Change that code, then restore this project."
        ),
        path: current.organization.path(&format!("/projects?q={code}&state=all")),
        label: "View project",
    }
}
