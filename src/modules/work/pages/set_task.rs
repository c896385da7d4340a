//! Changing a property of a task in place: on its page, and from its row in a list.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Deserializer};

use super::task::{Properties, show_with};
use crate::core::access::{Contribute, CurrentProject};
use crate::modules::work::comments::{Thread, ThreadParams};
use crate::modules::work::tasks::noun::TaskId;
use crate::modules::work::tasks::{self, Changes, Task, View, find_assignee};
use crate::platform::clock::Day;
use crate::platform::error::{AppError, Result};
use crate::platform::noun::Refusal;
use crate::platform::tenant::OrgTx;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Form, Htmx, Id, page_with_status};

/// The properties to change; those that are not sent stay.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PropertiesForm {
    #[serde(deserialize_with = "sent")]
    status: Option<String>,
    #[serde(deserialize_with = "sent")]
    priority: Option<String>,
    #[serde(deserialize_with = "sent")]
    due_on: Option<String>,
    #[serde(deserialize_with = "sent")]
    assignee: Option<String>,
    view: View,
}

/// A field that was sent, even if it is empty.
fn sent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

impl Fields for PropertiesForm {}

impl PropertiesForm {
    async fn check(&self, tx: &mut OrgTx, task: &Task) -> Result<Result<Changes, FieldErrors>> {
        let mut errors = FieldErrors::default();
        let mut changes = Changes::default();
        if let Some(word) = &self.status {
            changes.status = errors.take("status", word.parse());
        }
        if let Some(word) = &self.priority {
            changes.priority = errors.take("priority", word.parse());
        }
        if let Some(day) = &self.due_on {
            changes.due_on = errors.take("due_on", Day::from_field(day));
        }
        if let Some(name) = &self.assignee {
            let found = find_assignee(tx, task.project_id, name, Some(task)).await?;
            changes.assignee_id = errors.take("assignee", found);
        }
        Ok(if errors.is_empty() { Ok(changes) } else { Err(errors) })
    }
}

/// `POST /orgs/{slug}/projects/{project}/tasks/{id}/properties`
pub async fn update(
    current: CurrentProject<Contribute>,
    htmx: Htmx,
    Id(id): Id<TaskId>,
    Form(form): Form<PropertiesForm>,
) -> Result<Response> {
    let mut tx = current.read().await?;
    let task = tasks::live(&mut tx, current.project.id, id).await?.ok_or(AppError::NotFound)?;
    let checked = form.check(&mut tx, &task).await?;
    tx.commit().await?;
    let saved = match checked {
        Ok(changes) => tasks::change(&current, id, changes).await,
        Err(errors) => Err(Refusal::Fields(errors)),
    };
    match saved {
        Ok(()) if htmx.wants_fragment && form.view == View::Task => {
            fragment(&current, id, FieldErrors::default()).await
        }
        Ok(()) => tasks::answer(&current, htmx, form.view, id).await,
        Err(Refusal::Fields(errors)) if form.view == View::Task => {
            refuse(&current, htmx, id, errors).await
        }
        Err(refusal) => Err(refusal.without_form()),
    }
}

/// The task's page, or for htmx its properties, with what is wrong.
async fn refuse(
    current: &CurrentProject<Contribute>,
    htmx: Htmx,
    id: TaskId,
    errors: FieldErrors,
) -> Result<Response> {
    if htmx.wants_fragment {
        return fragment(current, id, errors).await;
    }
    let mut tx = current.read().await?;
    let of = Properties::load(&mut tx, current, id).await?;
    let page = show_with(tx, current, Properties { errors, ..of }).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// The properties, and the thread, which tells the change.
#[derive(Template)]
#[template(path = "work/tasks/properties.html")]
struct Fragment {
    of: Properties,
    thread: Thread,
}

async fn fragment(
    current: &CurrentProject<Contribute>,
    id: TaskId,
    errors: FieldErrors,
) -> Result<Response> {
    let status = match errors.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let mut tx = current.read().await?;
    let of = Properties::load(&mut tx, current, id).await?;
    let thread = Thread::load(&mut tx, current, Some(id), &ThreadParams::default()).await?;
    tx.commit().await?;
    page_with_status(status, &Fragment { of: Properties { errors, ..of }, thread })
}
