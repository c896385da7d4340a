//! The tasks on their project's page: a line to add one, and each with its state at hand.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::form::title;
use super::model::{self, Details, Status, Task};
use super::sql;
use crate::error::{AppError, Result};
use crate::platform::audit::Action;
use crate::platform::clock::Timestamp;
use crate::platform::ids::TaskId;
use crate::platform::tenant::OrgTx;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Form, Htmx, Id, page_with_status, see_other};
use crate::projects::{Contribute, CurrentProject, Level, ProjectRole};

/// The most tasks that the page shows.
const MOST: i64 = 200;

/// From where a task is changed, which is where the answer leads back to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum View {
    /// The project's page.
    #[default]
    #[serde(rename = "")]
    Project,
    /// The project's page, with what is done.
    #[serde(rename = "done")]
    Done,
    /// The task's own page.
    #[serde(rename = "task")]
    Task,
}

/// The tasks of a project.
pub(crate) struct Section {
    /// The organization's path.
    pub organization_path: String,
    /// The project's path.
    pub path: String,
    /// Where all of its tasks are listed.
    pub list_path: String,
    pub open: Vec<Task>,
    pub done: Vec<Task>,
    pub open_count: i64,
    pub done_count: i64,
    pub shows_done: bool,
    pub can_work: bool,
    /// What is typed into the line that adds one.
    pub title: String,
    pub errors: FieldErrors,
    pub now: Timestamp,
}

impl Section {
    /// The tasks of the current project.
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

    /// Whether there are more than are shown.
    pub fn is_cut(&self) -> bool {
        self.open_count > self.open.len() as i64
            || self.shows_done && self.done_count > self.done.len() as i64
    }

    /// What the forms say about where they stand.
    pub fn view(&self) -> &'static str {
        if self.shows_done { "done" } else { "" }
    }
}

/// The tasks alone, for htmx.
#[derive(Template)]
#[template(path = "tasks/section.html")]
struct Fragment {
    tasks: Section,
}

/// The answer to a change of a task: the tasks for htmx, otherwise the page it was changed on.
pub(super) async fn answer<R: Level>(
    current: &CurrentProject<R>,
    htmx: Htmx,
    view: View,
    id: TaskId,
) -> Result<Response> {
    if htmx.wants_fragment && view != View::Task {
        let mut tx = current.read().await?;
        let tasks = Section::load(&mut tx, current, view == View::Done).await?;
        tx.commit().await?;
        return page_with_status(StatusCode::OK, &Fragment { tasks });
    }
    Ok(see_other(&match view {
        View::Project => current.path(&format!("#task-{id}")),
        View::Done => current.path(&format!("?done=1#task-{id}")),
        // Its page is where the next choice is made, too.
        View::Task => current.path(&format!("/tasks/{id}#status")),
    }))
}

/// The line that adds a task.
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
    let title = match title(&form.title) {
        Ok(title) => title,
        Err(words) => return refuse(&current, htmx, form, words).await,
    };
    let (mut tx, _, project) = current.write().await?;
    let details = Details { title, ..Details::default() };
    let id = sql::insert(&mut tx, project.id, &details, current.now).await?;
    tx.record(model::entry(Action::TaskCreated, project.id, id, &details.title));
    tx.leads_to(&current.path(&format!("#task-{id}"))).await?;
    tx.commit().await?;
    answer(&current, htmx, form.view, id).await
}

/// The line with what was typed and what is wrong with it: among the tasks for htmx, otherwise on
/// the project's page.
async fn refuse(
    current: &CurrentProject<Contribute>,
    htmx: Htmx,
    form: NewTask,
    words: String,
) -> Result<Response> {
    let mut tx = current.read().await?;
    let mut tasks = Section::load(&mut tx, current, form.view == View::Done).await?;
    tasks.title = form.title;
    tasks.errors.add("title", words);
    if htmx.wants_fragment {
        tx.commit().await?;
        return page_with_status(StatusCode::UNPROCESSABLE_ENTITY, &Fragment { tasks });
    }
    let page = crate::projects::show_with(tx, current, tasks).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// What is chosen in a task's row.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StatusForm {
    status: String,
    view: View,
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
    let (mut tx, _, project) = current.write().await?;
    let task = sql::live(&mut tx, project.id, id).await?.ok_or(AppError::NotFound)?;
    if task.details.status != status {
        let details = Details { status, ..task.details.clone() };
        sql::update(&mut tx, &task, &details, current.now).await?;
        tx.record(task.entry(Action::TaskChanged).change(&task.details, &details));
    }
    tx.commit().await?;
    answer(&current, htmx, form.view, id).await
}
