//! The tasks on their project's page: a line for adding one, and each task with its status control.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::form::title;
use super::model::{Details, Direction, Status, Task};
use super::{commands, sql};
use crate::core::access::{Contribute, CurrentProject, Level, ProjectRole};
use crate::modules::work::tasks::noun::TaskId;
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::noun::Refusal;
use crate::platform::tenant::OrgTx;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Form, Htmx, Id, page_with_status, see_other};

/// The most tasks that the page shows.
const MOST: i64 = 200;

/// The page on which a task is changed, and to which the answer returns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum View {
    /// The project's page.
    #[default]
    #[serde(rename = "")]
    Project,
    /// The project's page, with finished tasks.
    #[serde(rename = "done")]
    Done,
    /// The task's own page.
    #[serde(rename = "task")]
    Task,
}

/// The tasks of a project.
pub(crate) struct Board {
    /// The organization's path.
    pub organization_path: String,
    /// The project's path.
    pub path: String,
    /// The path of the list of all its tasks.
    pub list_path: String,
    pub open: Vec<Task>,
    pub done: Vec<Task>,
    pub open_count: i64,
    pub done_count: i64,
    pub shows_done: bool,
    pub can_work: bool,
    /// The input in the line for adding a task.
    pub title: String,
    pub errors: FieldErrors,
    pub now: Timestamp,
}

impl Board {
    /// Loads the tasks of the current project.
    pub async fn load<R: Level>(
        tx: &mut OrgTx,
        current: &CurrentProject<R>,
        shows_done: bool,
    ) -> Result<Self> {
        let id = current.project.id;
        let (open_count, done_count) = sql::counts(tx, id).await?;
        let done = match shows_done {
            true => sql::of_project(tx, id, true, MOST).await?,
            false => Vec::new(),
        };
        Ok(Self {
            organization_path: current.organization.path(""),
            path: current.path(""),
            list_path: current.organization.path(&format!("/tasks?project={id}&state=all")),
            open: sql::of_project(tx, id, false, MOST).await?,
            done,
            open_count,
            done_count,
            shows_done,
            can_work: current.can(ProjectRole::Contributor),
            title: String::new(),
            errors: FieldErrors::default(),
            now: current.now,
        })
    }

    /// Whether there are more tasks than shown.
    pub fn is_cut(&self) -> bool {
        self.open_count > self.open.len() as i64
            || self.shows_done && self.done_count > self.done.len() as i64
    }

    /// The tasks alone, for htmx.
    pub fn fragment(self, status: StatusCode) -> Result<Response> {
        page_with_status(status, &Fragment { tasks: self })
    }

    /// The value with which the forms say which page they are on.
    pub fn view(&self) -> &'static str {
        if self.shows_done { "done" } else { "" }
    }
}

/// The tasks alone, for htmx.
#[derive(Template)]
#[template(path = "work/tasks/board.html")]
struct Fragment {
    tasks: Board,
}

/// The answer to a change of a task: the tasks for htmx, otherwise the page on which it was
/// changed. `typed` is what the line for adding a task contains meanwhile.
pub(crate) async fn answer<R: Level>(
    current: &CurrentProject<R>,
    htmx: Htmx,
    view: View,
    id: TaskId,
    typed: String,
) -> Result<Response> {
    if htmx.wants_fragment && view != View::Task {
        let mut tx = current.read().await?;
        let mut tasks = Board::load(&mut tx, current, view == View::Done).await?;
        tx.commit().await?;
        tasks.title = typed;
        return tasks.fragment(StatusCode::OK);
    }
    Ok(see_other(&match view {
        View::Project => current.path(&format!("#task-{id}")),
        View::Done => current.path(&format!("?done=1#task-{id}")),
        // Jumps to the status, where the next change is likely.
        View::Task => current.path(&format!("/tasks/{id}#status")),
    }))
}

/// The details of a new task with this title.
///
/// # Errors
/// A message when the title is invalid.
pub(crate) fn titled(typed: &str) -> Result<Details, String> {
    Ok(Details { title: title(typed)?, ..Details::default() })
}

/// The fields of the form in a task's row.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StatusForm {
    status: String,
    view: View,
    /// What the line for adding a task contains.
    title: String,
}

impl Fields for StatusForm {}

/// `POST /orgs/{slug}/projects/{project}/tasks/{id}/status`
pub async fn set_status(
    current: CurrentProject<Contribute>,
    htmx: Htmx,
    Id(id): Id<TaskId>,
    Form(form): Form<StatusForm>,
) -> Result<Response> {
    let status: Status =
        form.status.parse().map_err(|words: String| AppError::Invalid(words.into()))?;
    commands::set_status(&current, id, status).await.map_err(Refusal::without_form)?;
    answer(&current, htmx, form.view, id, form.title).await
}

/// The fields of the buttons that move a task.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MoveForm {
    direction: String,
    view: View,
    /// What the line for adding a task contains.
    title: String,
}

impl Fields for MoveForm {}

/// `POST /orgs/{slug}/projects/{project}/tasks/{id}/move`
pub async fn move_task(
    current: CurrentProject<Contribute>,
    htmx: Htmx,
    Id(id): Id<TaskId>,
    Form(form): Form<MoveForm>,
) -> Result<Response> {
    let direction: Direction =
        form.direction.parse().map_err(|words: String| AppError::Invalid(words.into()))?;
    commands::move_by_one(&current, id, direction).await?;
    answer(&current, htmx, form.view, id, form.title).await
}
