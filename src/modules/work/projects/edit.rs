//! The form of a project, and the steps of its life, which apply to its tasks and comments, too.

use askama::Template;
use axum::response::Response;

use super::SECTION;
use super::commands;
use super::form::ProjectForm;
use crate::core::access::noun::{ClientId, CreateProjects};
use crate::core::access::project::{Project, Status};
use crate::core::access::{CurrentProject, Lead, LeadDeleted};
use crate::modules::work::clients::Client;
use crate::platform::error::Result;
use crate::platform::noun::edit::{self, Edit, EditPage};
use crate::platform::noun::life::{self, Step};
use crate::platform::noun::record::{InOrganization, Selectable};
use crate::platform::tenant::{CurrentOrg, OrgTx};
use crate::platform::web::{Flash, Form, Htmx, Section, Shell};

/// The page with the form.
#[derive(Template)]
#[template(path = "work/projects/form.html", blocks = ["form"])]
struct FormPage {
    shell: Shell,
    edit: Edit<Self>,
    clients: Vec<Selectable<ClientId>>,
}

impl EditPage for FormPage {
    type Row = Project;
    type Form = ProjectForm;
    const SECTION: Section = SECTION;

    async fn load(tx: &mut OrgTx, (): (), shell: Shell, edit: Edit<Self>) -> Result<Self> {
        let clients = Client::choices(tx, edit.form.client.parse().ok()).await?;
        Ok(Self { shell, edit, clients })
    }

    fn form(&self) -> impl Template + '_ {
        self.as_form()
    }
}

/// `GET /orgs/{slug}/projects/new`
pub async fn new(org: CurrentOrg<CreateProjects>, htmx: Htmx) -> Result<Response> {
    edit::new::<FormPage>(&org, htmx).await
}

/// `POST /orgs/{slug}/projects`
pub async fn create(
    org: CurrentOrg<CreateProjects>,
    htmx: Htmx,
    Form(form): Form<ProjectForm>,
) -> Result<Response> {
    let command = |details| commands::create(&org, details);
    edit::create::<FormPage, _>(&org, htmx, form, command).await
}

/// `GET /orgs/{slug}/projects/{project}/edit`
pub async fn edit(current: CurrentProject<Lead>, htmx: Htmx) -> Result<Response> {
    edit::edit::<FormPage>(&current, htmx, current.project.id).await
}

/// `POST /orgs/{slug}/projects/{project}/edit`
pub async fn update(
    current: CurrentProject<Lead>,
    htmx: Htmx,
    Form(form): Form<ProjectForm>,
) -> Result<Response> {
    let command = |version, details| commands::update(&current, version, details);
    edit::update::<FormPage, _>(&current, htmx, current.project.id, form, command).await
}

/// `POST /orgs/{slug}/projects/{project}/archive`
pub async fn archive(current: CurrentProject<Lead>) -> Result<Response> {
    life::answer::<Project>(&current, current.project.id, Step::Archive).await
}

/// `POST /orgs/{slug}/projects/{project}/unarchive`
pub async fn unarchive(current: CurrentProject<Lead>) -> Result<Response> {
    life::answer::<Project>(&current, current.project.id, Step::Unarchive).await
}

/// `POST /orgs/{slug}/projects/{project}/delete`
pub async fn delete(current: CurrentProject<LeadDeleted>) -> Result<Response> {
    life::answer::<Project>(&current, current.project.id, Step::Delete).await
}

/// `POST /orgs/{slug}/projects/{project}/restore`
pub async fn restore(current: CurrentProject<LeadDeleted>) -> Result<Response> {
    let new_code = commands::restore(&current).await?;
    let project = &current.project.details;
    let mut words = format!("{} restored.", project.name);
    if let Some(code) = new_code {
        words = format!(
            "{words} Its code is now {code}, because another project uses {}.",
            project.code
        );
    }
    Ok(Flash::redirect(&current.path(""), words))
}
