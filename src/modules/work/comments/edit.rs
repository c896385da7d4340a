//! Writing a comment, and editing one's own.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::commands::{self, find_task, own};
use super::model::{Comment, CommentForm, address, place};
use super::noun::CommentId;
use super::preview::PREVIEW;
use super::thread::{Thread, ThreadParams};
use crate::core::access::{Contribute, CurrentProject};
use crate::modules::work::projects::{self, PEOPLE};
use crate::modules::work::tasks::noun::TaskId;
use crate::platform::error::Result;
use crate::platform::noun::Refusal;
use crate::platform::noun::edit::form_status;
use crate::platform::web::{
    FieldErrors, Flash, Form, Htmx, Id, Shell, page_with_status, see_other,
};

#[derive(Template)]
#[template(path = "work/comments/form.html", blocks = ["form"])]
struct FormPage {
    shell: Shell,
    /// The path that the form posts to.
    action: String,
    /// The target of "Cancel".
    back: String,
    /// The part of that page that htmx shows again instead of the form.
    part: Option<String>,
    /// Whether the form edits an existing comment.
    is_change: bool,
    form: CommentForm,
    errors: FieldErrors,
    /// The comment, if it was saved meanwhile in another window.
    saved: Option<Comment>,
    /// The path that shows what it will look like.
    preview: String,
    /// The path that suggests whom to mention.
    people: String,
}

impl FormPage {
    fn respond(&self, htmx: Htmx) -> Result<Response> {
        let status = form_status(self.saved.is_some(), &self.errors);
        if htmx.wants_fragment {
            page_with_status(status, &self.as_form())
        } else {
            page_with_status(status, self)
        }
    }
}

/// `POST /orgs/{slug}/projects/{project}/comments`
pub async fn create_on_project(
    current: CurrentProject<Contribute>,
    htmx: Htmx,
    Form(form): Form<CommentForm>,
) -> Result<Response> {
    create(current, htmx, None, form).await
}

/// `POST /orgs/{slug}/projects/{project}/tasks/{id}/comments`
pub async fn create_on_task(
    current: CurrentProject<Contribute>,
    htmx: Htmx,
    Id(id): Id<TaskId>,
    Form(form): Form<CommentForm>,
) -> Result<Response> {
    create(current, htmx, Some(id), form).await
}

async fn create(
    current: CurrentProject<Contribute>,
    htmx: Htmx,
    task: Option<TaskId>,
    form: CommentForm,
) -> Result<Response> {
    let body = match form.check() {
        Ok(body) => body,
        Err(words) => return refuse(&current, htmx, task, form, words).await,
    };
    let id = commands::create(&current, task, &body).await?;
    if htmx.wants_fragment {
        return thread(&current, task).await?.fragment(StatusCode::OK);
    }
    Ok(see_other(&current.path(&format!("{}#comment-{id}", place(task)))))
}

async fn thread(current: &CurrentProject<Contribute>, task: Option<TaskId>) -> Result<Thread> {
    let mut tx = current.read().await?;
    find_task(&mut tx, current, task).await?;
    let thread = Thread::load(&mut tx, current, task, &ThreadParams::default()).await?;
    tx.commit().await?;
    Ok(thread)
}

/// The page with the form for a new comment.
fn new_page(
    current: &CurrentProject<Contribute>,
    task: Option<TaskId>,
    form: CommentForm,
    thread: Thread,
) -> FormPage {
    FormPage {
        shell: current.shell(projects::SECTION),
        action: thread.path,
        back: current.path(&place(task)),
        part: None,
        is_change: false,
        form,
        errors: thread.errors,
        saved: None,
        preview: thread.preview_path,
        people: thread.people_path,
    }
}

/// The form with its input and errors.
async fn refuse(
    current: &CurrentProject<Contribute>,
    htmx: Htmx,
    task: Option<TaskId>,
    form: CommentForm,
    words: String,
) -> Result<Response> {
    let mut thread = thread(current, task).await?;
    thread.body.clone_from(&form.body);
    thread.errors.add("body", words);
    if htmx.wants_fragment {
        return thread.fragment(StatusCode::UNPROCESSABLE_ENTITY);
    }
    new_page(current, task, form, thread).respond(htmx)
}

fn form_page(
    current: &CurrentProject<Contribute>,
    comment: &Comment,
    form: CommentForm,
) -> FormPage {
    let id = comment.id;
    FormPage {
        shell: current.shell(projects::SECTION),
        action: current.path(&format!("/comments/{id}/edit")),
        back: current.path(&address(comment.task_id, id)),
        part: Some(format!("#comment-{id}")),
        is_change: true,
        form,
        errors: FieldErrors::default(),
        saved: None,
        preview: current.path(PREVIEW),
        people: current.path(PEOPLE),
    }
}

/// `GET /orgs/{slug}/projects/{project}/comments/{id}/edit`
pub async fn edit(
    current: CurrentProject<Contribute>,
    htmx: Htmx,
    Id(id): Id<CommentId>,
) -> Result<Response> {
    let mut tx = current.read().await?;
    let comment = own(&mut tx, &current, id).await?;
    tx.commit().await?;
    let form = CommentForm { body: comment.body.clone(), version: comment.version.to_string() };
    form_page(&current, &comment, form).respond(htmx)
}

/// `POST /orgs/{slug}/projects/{project}/comments/{id}/edit`
pub async fn update(
    current: CurrentProject<Contribute>,
    htmx: Htmx,
    Id(id): Id<CommentId>,
    Form(form): Form<CommentForm>,
) -> Result<Response> {
    let saved = match form.check() {
        Ok(body) => {
            // Text that is not a number becomes a version that no comment has.
            let version = form.version.parse().unwrap_or_default();
            commands::update(&current, id, version, &body).await
        }
        Err(words) => Err(Refusal::field("body", words)),
    };
    let refusal = match saved {
        Ok(task) => {
            let page = current.path(&address(task, id));
            return Ok(Flash::redirect(&page, "Comment saved."));
        }
        Err(Refusal::Other(error)) => return Err(error),
        Err(refusal) => refusal,
    };
    let mut tx = current.read().await?;
    let comment = own(&mut tx, &current, id).await?;
    tx.commit().await?;
    let mut view = form_page(&current, &comment, form);
    match refusal {
        Refusal::Fields(errors) => view.errors = errors,
        Refusal::Meanwhile(saved) => {
            view.form.version = saved.version.to_string();
            view.saved = Some(*saved);
        }
        Refusal::Other(error) => return Err(error),
    }
    view.respond(htmx)
}
