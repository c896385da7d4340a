//! The form of a task, and the steps of its life, which apply to its comments, too.

use askama::Template;
use axum::response::Response;

use super::SECTION;
use super::commands;
use super::form::TaskForm;
use super::model::{Priority, Status, Task};
use super::noun::TaskId;
use crate::core::access::{Contribute, CurrentProject, EligibleAssignee, assignee_choices};
use crate::platform::error::Result;
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
    /// The people to whom the task can be assigned.
    people: Vec<EligibleAssignee>,
}

impl EditPage for FormPage {
    type Row = Task;
    type Form = TaskForm;
    const SECTION: Section = SECTION;

    async fn load(
        tx: &mut OrgTx,
        project: ProjectId,
        shell: Shell,
        edit: Edit<Self>,
    ) -> Result<Self> {
        let chosen = edit.form.assignee.parse().ok();
        Ok(Self { shell, edit, people: assignee_choices(tx, project, chosen).await? })
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
    Form(form): Form<TaskForm>,
) -> Result<Response> {
    let command = |version, details| commands::update(&current, id, version, details);
    edit::update::<FormPage, _>(&current, htmx, id, form, command).await
}
