//! The page for adding a task to any project.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::core::access::{Contribute, CurrentProject, OwnRoles, ProjectRole, Viewer};
use crate::modules::work::projects::{self, ProjectSummary};
use crate::modules::work::tasks::noun::TaskId;
use crate::modules::work::tasks::{self, Priority, TaskForm};
use crate::platform::error::{AppError, Result};
use crate::platform::ids::ProjectId;
use crate::platform::noun::Refusal;
use crate::platform::noun::edit::{TypedForm, form_status};
use crate::platform::tenant::CurrentOrg;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Flash, Form, Params, Shell, page_with_status};

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AddForm {
    project: String,
    title: String,
    description: String,
    assignee: String,
    priority: String,
    due_on: String,
}

impl Fields for AddForm {}

/// The project to begin with, from the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AddParams {
    project: String,
}

#[derive(Template)]
#[template(path = "work/tasks/new.html")]
struct NewPage {
    shell: Shell,
    /// The organization's path.
    base: String,
    form: AddForm,
    errors: FieldErrors,
    /// The projects in which the sender may add tasks.
    projects: Vec<ProjectSummary>,
}

impl NewPage {
    async fn load(org: &CurrentOrg<AnyMember>, form: AddForm, errors: FieldErrors) -> Result<Self> {
        let viewer = Viewer::of(org);
        let mut tx = org.read().await?;
        let mut projects = projects::choices(&mut tx, viewer).await?;
        let roles = OwnRoles::load(&mut tx, viewer).await?;
        tx.commit().await?;
        projects.retain(|project| {
            project.archived_at.is_none()
                && roles.include(project.id, project.is_restricted, ProjectRole::Contributor)
        });
        let shell = org.shell(tasks::SECTION);
        Ok(Self { shell, base: org.organization.path(""), form, errors, projects })
    }

    /// The chosen priority, or that of most tasks.
    fn priority(&self) -> String {
        match self.form.priority.as_str() {
            "" => Priority::default().word().to_owned(),
            word => word.to_owned(),
        }
    }

    fn respond(&self) -> Result<Response> {
        page_with_status(form_status(false, &self.errors), self)
    }
}

/// `GET /orgs/{slug}/tasks/new`
pub async fn show(
    org: CurrentOrg<AnyMember>,
    Params(params): Params<AddParams>,
) -> Result<Response> {
    let form = AddForm { project: params.project, ..AddForm::default() };
    NewPage::load(&org, form, FieldErrors::default()).await?.respond()
}

/// `POST /orgs/{slug}/tasks`
pub async fn create(org: CurrentOrg<AnyMember>, Form(form): Form<AddForm>) -> Result<Response> {
    let errors = match add(&org, &form).await {
        Ok(page) => return Ok(Flash::redirect(&page, "Task created.")),
        Err(refusal) => refusal.fields()?,
    };
    NewPage::load(&org, form, errors).await?.respond()
}

/// Adds the task; returns its path.
async fn add(org: &CurrentOrg<AnyMember>, form: &AddForm) -> Result<String, Refusal<tasks::Task>> {
    let Ok(id) = form.project.parse::<ProjectId>() else {
        return Err(Refusal::field("project", "Choose a project."));
    };
    let current = match CurrentProject::<Contribute>::open(org.clone(), id).await {
        Err(AppError::NotFound) => return Err(Refusal::field("project", "Choose a project.")),
        current => current?,
    };
    let mut tx = current.read().await?;
    let found = tasks::find_assignee(&mut tx, id, &form.assignee, None).await?;
    tx.commit().await?;
    let typed = TaskForm {
        title: form.title.clone(),
        description: form.description.clone(),
        assignee: form.assignee.clone(),
        priority: form.priority.clone(),
        due_on: form.due_on.clone(),
        found: Some(found),
        ..TaskForm::default()
    };
    let mut errors = FieldErrors::default();
    let Some(details) = typed.check(&mut errors) else { return Err(Refusal::Fields(errors)) };
    let page = |id: TaskId| current.path(&format!("/tasks/{id}"));
    Ok(page(tasks::create(&current, details, page).await?))
}
