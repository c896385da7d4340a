//! Archiving and deleting a project, each with a way back.

use axum::response::Response;

use super::edit::{free_code, looks_derived};
use super::noun::{
    PROJECT_ARCHIVED, PROJECT_CHANGED, PROJECT_DELETED, PROJECT_RESTORED, PROJECT_UNARCHIVED,
};
use super::sql;
use crate::core::access::noun::PROJECT_CODE;
use crate::core::access::project::{Details, Project};
use crate::core::access::{CurrentProject, Lead, LeadDeleted, Level};
use crate::platform::audit::{Action, Entry};
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::ProjectId;
use crate::platform::noun::life::{self, Life, Living, Place, Step, life};
use crate::platform::tenant::OrgTx;
use crate::platform::web::Flash;

/// How often a code is looked for that another project gets a moment earlier.
const TRIES: usize = 5;

impl Living for Project {
    type Id = ProjectId;
    const LIFE: Life = life!("projects", |step| match step {
        Step::Archive => PROJECT_ARCHIVED,
        Step::Unarchive => PROJECT_UNARCHIVED,
        Step::Delete => PROJECT_DELETED,
        Step::Restore => PROJECT_RESTORED,
    });

    fn id(&self) -> ProjectId {
        self.id
    }

    fn name(&self) -> &str {
        &self.details.name
    }

    fn is_deleted(&self) -> bool {
        self.deleted_at.is_some()
    }

    fn entry(&self, action: Action) -> Entry {
        self.entry(action)
    }
}

impl<R: Level> Place<Project> for CurrentProject<R> {
    async fn hold(&self, _: ProjectId) -> Result<(OrgTx, Project)> {
        let (tx, _, project) = self.write().await?;
        Ok((tx, project))
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn page(&self, _: &Project) -> String {
        self.path("")
    }

    fn list(&self, _: &Project) -> String {
        self.organization.path("/projects")
    }
}

/// `POST /orgs/{slug}/projects/{project}/archive`
pub async fn archive(current: CurrentProject<Lead>) -> Result<Response> {
    life::answer::<Project>(&current, current.project.id, Step::Archive).await
}

/// `POST /orgs/{slug}/projects/{project}/unarchive`
pub async fn unarchive(current: CurrentProject<Lead>) -> Result<Response> {
    life::answer::<Project>(&current, current.project.id, Step::Unarchive).await
}

/// `POST /orgs/{slug}/projects/{project}/delete`: with its tasks and comments, which come back
/// with it.
pub async fn delete(current: CurrentProject<LeadDeleted>) -> Result<Response> {
    life::answer::<Project>(&current, current.project.id, Step::Delete).await
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
    if project.deleted_at.is_some() && sql::codes(&mut tx, code).await?.contains(code) {
        let is_derived = sql::code_is_derived(&mut tx, project.id).await?;
        if !is_derived.unwrap_or_else(|| looks_derived(code, name)) {
            return Err(taken(current, code));
        }
        let details = Details { code: free_code(&mut tx, name).await?, ..project.details.clone() };
        sql::update(&mut tx, project.id, &details, project.is_restricted, current.now).await?;
        words = format!("{words} Its code is {} now: another project has {code}.", details.code);
        tx.record(project.entry(PROJECT_CHANGED).change(&project.details, &details));
    }
    life::take(&mut tx, &project, Step::Restore, current.now).await?;
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
