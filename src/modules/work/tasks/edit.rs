//! Changing a task.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::SECTION;
use super::assignment;
use super::form::{NO_ASSIGNEE, TaskForm};
use super::model::{Details, Priority, Status, Task};
use super::sql;
use crate::core::access::{
    Contribute, CurrentProject, EligibleAssignee, eligible_assignees, hold_eligible_assignee,
};
use crate::modules::work::tasks::noun::{TASK_CHANGED, TaskId};
use crate::platform::error::{AppError, Result};
use crate::platform::tenant::OrgTx;
use crate::platform::web::{FieldErrors, Flash, Form, Htmx, Id, Shell, page_with_status};

#[derive(Template)]
#[template(path = "work/tasks/form.html", blocks = ["form"])]
struct FormPage {
    shell: Shell,
    /// The task's path.
    path: String,
    form: TaskForm,
    errors: FieldErrors,
    /// Who can be given the task.
    people: Vec<EligibleAssignee>,
    /// What somebody else has saved meanwhile.
    saved: Option<Task>,
}

impl FormPage {
    async fn load(
        tx: &mut OrgTx,
        current: &CurrentProject<Contribute>,
        id: TaskId,
        form: TaskForm,
    ) -> Result<Self> {
        Ok(Self {
            shell: current.shell(SECTION),
            path: current.path(&format!("/tasks/{id}")),
            form,
            errors: FieldErrors::default(),
            people: eligible_assignees(tx, current.project.id).await?,
            saved: None,
        })
    }

    fn respond(&self, htmx: Htmx) -> Result<Response> {
        let status = match (self.saved.is_some(), self.errors.is_empty()) {
            (true, _) => StatusCode::CONFLICT,
            (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
            (false, true) => StatusCode::OK,
        };
        if htmx.wants_fragment {
            page_with_status(status, &self.as_form())
        } else {
            page_with_status(status, self)
        }
    }
}

/// `GET /orgs/{slug}/projects/{project}/tasks/{id}/edit`
pub async fn edit(
    current: CurrentProject<Contribute>,
    htmx: Htmx,
    Id(id): Id<TaskId>,
) -> Result<Response> {
    let mut tx = current.read().await?;
    let task = sql::live(&mut tx, current.project.id, id).await?.ok_or(AppError::NotFound)?;
    let view = FormPage::load(&mut tx, &current, id, TaskForm::of(&task)).await?;
    tx.commit().await?;
    view.respond(htmx)
}

/// `POST /orgs/{slug}/projects/{project}/tasks/{id}/edit`: of two people who change the same task,
/// the second is told, and keeps what was typed.
pub async fn update(
    current: CurrentProject<Contribute>,
    htmx: Htmx,
    Id(id): Id<TaskId>,
    Form(mut form): Form<TaskForm>,
) -> Result<Response> {
    let mut errors = FieldErrors::default();
    let mut saved = None;
    if let Some(details) = form.check(&mut errors) {
        match save(&current, id, &form.version, details, &mut errors).await? {
            Saved::Yes(title) => {
                let path = current.path(&format!("/tasks/{id}"));
                return Ok(Flash::redirect(&path, format!("{title} is saved.")));
            }
            Saved::Wrong => {}
            Saved::Meanwhile(task) => {
                form.version = task.version.to_string();
                saved = Some(*task);
            }
        }
    }
    let mut tx = current.read().await?;
    sql::live(&mut tx, current.project.id, id).await?.ok_or(AppError::NotFound)?;
    let mut view = FormPage::load(&mut tx, &current, id, form).await?;
    tx.commit().await?;
    view.errors = errors;
    view.saved = saved;
    view.respond(htmx)
}

/// What became of saving a task.
enum Saved {
    /// It is saved under this title.
    Yes(String),
    /// Something is wrong with the form.
    Wrong,
    /// Somebody else has saved this since the form was opened.
    Meanwhile(Box<Task>),
}

async fn save(
    current: &CurrentProject<Contribute>,
    id: TaskId,
    version: &str,
    details: Details,
    errors: &mut FieldErrors,
) -> Result<Saved> {
    let (mut tx, actor, project) = current.write().await?;
    let before = sql::live(&mut tx, project.id, id).await?.ok_or(AppError::NotFound)?;
    if version != before.version.to_string() {
        return Ok(Saved::Meanwhile(Box::new(before)));
    }
    let mut entry = super::model::entry(TASK_CHANGED, project.id, id, &details.title)
        .change(&before.details, &details);
    if let Some(assignee) = details.assignee_id
        && details.assignee_id != before.details.assignee_id
    {
        let Some(person) = hold_eligible_assignee(&mut tx, project.id, assignee).await? else {
            errors.add("assignee", NO_ASSIGNEE);
            return Ok(Saved::Wrong);
        };
        entry = entry.person(person.user_id);
        if person.user_id != actor.user_id {
            assignment::announce(&mut tx, id, assignee, actor.user_id).await?;
        }
    }
    sql::update(&mut tx, &before, &details, current.now).await?;
    tx.record(entry);
    tx.leads_to(&current.path(&format!("/tasks/{id}"))).await?;
    tx.commit().await?;
    Ok(Saved::Yes(details.title))
}
