//! The form of a task, and the steps of its life, which apply to its comments, too.

use askama::Template;
use axum::response::Response;

use super::SECTION;
use super::assignment::find_assignee;
use super::commands;
use super::form::TaskForm;
use super::model::{Priority, Status, Task};
use super::noun::TaskId;
use super::sql::live;
use crate::core::access::{Contribute, CurrentProject};
use crate::modules::work::projects::PEOPLE;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::ProjectId;
use crate::platform::noun::edit::{self, Edit, EditPage};
use crate::platform::noun::life::steps;
use crate::platform::tenant::OrgTx;
use crate::platform::web::{Form, Htmx, Id, Section, Shell};

steps!(Task, TaskId, CurrentProject<Contribute>:
    archive = Archive, unarchive = Unarchive, delete = Delete, restore = Restore);

/// The page with the form.
#[derive(Template)]
#[template(path = "work/tasks/form.html", blocks = ["form"])]
struct FormPage {
    shell: Shell,
    edit: Edit<Self>,
    /// The path that suggests people to whom the task can be assigned.
    people: String,
}

impl EditPage for FormPage {
    type Row = Task;
    type Form = TaskForm;
    const SECTION: Section = SECTION;

    async fn load(
        _: &mut OrgTx,
        project: ProjectId,
        shell: Shell,
        edit: Edit<Self>,
    ) -> Result<Self> {
        let path = format!("/projects/{project}{PEOPLE}");
        let organization = shell.organization.as_ref().ok_or(AppError::NotFound)?;
        Ok(Self { people: organization.organization.path(&path), shell, edit })
    }

    fn form(&self) -> impl Template + '_ {
        self.as_form()
    }
}

/// `GET /orgs/{slug}/projects/{project}/tasks/{id}/edit`
pub async fn edit(
    current: CurrentProject<Contribute>,
    htmx: Htmx,
    Id(id): Id<TaskId>,
) -> Result<Response> {
    edit::edit::<FormPage>(&current, htmx, id).await
}

/// `POST /orgs/{slug}/projects/{project}/tasks/{id}/edit`
pub async fn update(
    current: CurrentProject<Contribute>,
    htmx: Htmx,
    Id(id): Id<TaskId>,
    Form(mut form): Form<TaskForm>,
) -> Result<Response> {
    let mut tx = current.read().await?;
    let task = live(&mut tx, current.project.id, id).await?;
    let project = current.project.id;
    form.found = Some(find_assignee(&mut tx, project, &form.assignee, task.as_ref()).await?);
    tx.commit().await?;
    let command = |version, details| commands::update(&current, id, version, details);
    edit::update::<FormPage, _>(&current, htmx, id, form, command).await
}
