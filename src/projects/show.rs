//! One project.

use askama::Template;
use axum::response::Response;

use super::current::{CurrentProject, Read};
use super::members::{self, MemberRow};
use super::model::Project;
use super::role::ProjectRole;
use crate::error::Result;
use crate::platform::clock::Timestamp;
use crate::platform::tenant::Organization;
use crate::platform::web::flash::Received;
use crate::platform::web::{Section, Shell, page};

#[derive(Template)]
#[template(path = "projects/show.html")]
struct ShowPage {
    shell: Shell,
    organization: Organization,
    project: Project,
    members: Vec<MemberRow>,
    can_lead: bool,
    now: Timestamp,
}

/// `GET /orgs/{slug}/projects/{project}`
pub async fn show(current: CurrentProject<Read>, received: Received) -> Result<Response> {
    let mut tx = current.read().await?;
    let members = members::list(&mut tx, current.project.id).await?;
    tx.commit().await?;
    page(&ShowPage {
        shell: current.shell(Section::Projects).with(received),
        organization: current.organization.clone(),
        project: current.project.clone(),
        members,
        can_lead: current.can(ProjectRole::Lead),
        now: current.now,
    })
}
