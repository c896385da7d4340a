//! One client, with its projects.

use askama::Template;
use axum::response::Response;

use crate::core::access::Viewer;
use crate::core::access::noun::ClientId;
use crate::modules::work::clients::noun::EditClients;
use crate::modules::work::clients::{self, Client};
use crate::modules::work::projects::{self, ProjectSummary};
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::noun::record::InOrganization;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, Organization};
use crate::platform::web::flash::Received;
use crate::platform::web::{Id, Shell, page};

#[derive(Template)]
#[template(path = "work/clients/show.html")]
struct ShowPage {
    shell: Shell,
    organization: Organization,
    client: Client,
    projects: Vec<ProjectSummary>,
    can_edit: bool,
    now: Timestamp,
}

/// `GET /orgs/{slug}/clients/{id}`
pub async fn show(
    org: CurrentOrg<AnyMember>,
    received: Received,
    Id(id): Id<ClientId>,
) -> Result<Response> {
    let mut tx = org.read().await?;
    let client = Client::find(&mut tx, id).await?.ok_or(AppError::NotFound)?;
    let projects = projects::of_client(&mut tx, Viewer::of(&org), id).await?;
    tx.commit().await?;
    page(&ShowPage {
        shell: org.shell(clients::SECTION).with(received),
        organization: org.organization.clone(),
        client,
        projects,
        can_edit: org.membership.role.can(EditClients::PERMISSION),
        now: org.now,
    })
}
