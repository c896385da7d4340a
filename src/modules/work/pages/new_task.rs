//! The line on a project's page for adding a task.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::project::show_with;
use crate::core::access::{Contribute, CurrentProject};
use crate::modules::work::tasks::{self, Board, View};
use crate::platform::error::Result;
use crate::platform::noun::Refusal;
use crate::platform::web::form::Fields;
use crate::platform::web::{Form, Htmx};

/// The fields of the line.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewTask {
    title: String,
    view: View,
}

impl Fields for NewTask {}

/// `POST /orgs/{slug}/projects/{project}/tasks`
pub async fn create(
    current: CurrentProject<Contribute>,
    htmx: Htmx,
    Form(form): Form<NewTask>,
) -> Result<Response> {
    let details = match tasks::titled(&form.title) {
        Ok(details) => details,
        Err(words) => return refuse(&current, htmx, form, words).await,
    };
    let id = tasks::create(&current, details).await.map_err(Refusal::without_form)?;
    tasks::answer(&current, htmx, form.view, id, String::new()).await
}

/// The line with its input and errors: inside the tasks for htmx, otherwise on the project's page.
async fn refuse(
    current: &CurrentProject<Contribute>,
    htmx: Htmx,
    form: NewTask,
    words: String,
) -> Result<Response> {
    let mut tx = current.read().await?;
    let mut board = Board::load(&mut tx, current, form.view == View::Done).await?;
    board.title = form.title;
    board.errors.add("title", words);
    if htmx.wants_fragment {
        tx.commit().await?;
        return board.fragment(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let page = show_with(tx, current, board).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
