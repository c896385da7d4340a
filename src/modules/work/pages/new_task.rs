//! The line on a project's page for adding a task.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::project::show_with;
use crate::core::access::{Contribute, CurrentProject};
use crate::modules::work::tasks::{self, Board, NewTask, View};
use crate::platform::error::Result;
use crate::platform::noun::Refusal;
use crate::platform::web::{FieldErrors, Form, Htmx};

/// `POST /orgs/{slug}/projects/{project}/tasks`
pub async fn create(
    current: CurrentProject<Contribute>,
    htmx: Htmx,
    Form(form): Form<NewTask>,
) -> Result<Response> {
    let mut tx = current.read().await?;
    let checked = form.check(&mut tx, current.project.id).await?;
    tx.commit().await?;
    let created = match checked {
        Ok(details) => {
            let page = |id| current.path(&format!("#task-{id}"));
            tasks::create(&current, details, page).await
        }
        Err(errors) => Err(Refusal::Fields(errors)),
    };
    match created {
        Ok(_) if htmx.wants_fragment => {
            let mut tx = current.read().await?;
            let board = Board::load(&mut tx, &current, form.view == View::Done).await?;
            tx.commit().await?;
            board.fragment(StatusCode::OK)
        }
        Ok(id) => tasks::answer(&current, htmx, form.view, id).await,
        Err(refusal) => refuse(&current, htmx, form, refusal.fields()?).await,
    }
}

/// The line with its input and errors: inside the tasks for htmx, otherwise on the project's page.
async fn refuse(
    current: &CurrentProject<Contribute>,
    htmx: Htmx,
    form: NewTask,
    errors: FieldErrors,
) -> Result<Response> {
    let mut tx = current.read().await?;
    let mut board = Board::load(&mut tx, current, form.view == View::Done).await?;
    board.typed = form;
    board.errors = errors;
    if htmx.wants_fragment {
        tx.commit().await?;
        return board.fragment(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let page = show_with(tx, current, board).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
