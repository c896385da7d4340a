//! The tasks on their project's page: a line for adding one, and each task with its status control.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::assignment::find_assignee;
use super::form::title;
use super::model::{Details, Direction, Task};
use super::{commands, sql};
use crate::core::access::{Contribute, CurrentProject, Level, ProjectRole};
use crate::modules::work::projects::PEOPLE;
use crate::modules::work::tasks::noun::TaskId;
use crate::platform::clock::{Day, Timestamp};
use crate::platform::error::{AppError, Result};
use crate::platform::ids::ProjectId;
use crate::platform::tenant::OrgTx;
use crate::platform::web::form::Fields;
use crate::platform::web::{
    FieldErrors, Form, Htmx, Id, page, page_with_status, refresh, see_other,
};

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
    /// A page of tasks from all projects.
    #[serde(rename = "all")]
    All,
}

impl View {
    /// Its value in forms and addresses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Project => "",
            Self::Done => "done",
            Self::Task => "task",
            Self::All => "all",
        }
    }

    /// Whether it contains the list of a project's tasks, which htmx replaces.
    pub fn is_list(self) -> bool {
        matches!(self, Self::Project | Self::Done)
    }
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
    pub typed: NewTask,
    /// The path that suggests people to whom a task can be assigned.
    pub people: String,
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
            list_path: current
                .organization
                .path(&format!("/tasks?project={id}&status=any&state=all")),
            open: sql::of_project(tx, id, false, MOST).await?,
            done,
            open_count,
            done_count,
            shows_done,
            can_work: current.can(ProjectRole::Contributor),
            typed: NewTask::default(),
            people: current.path(PEOPLE),
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
        if self.shows_done { View::Done.word() } else { View::Project.word() }
    }
}

/// The tasks alone, for htmx.
#[derive(Template)]
#[template(path = "work/tasks/board.html")]
struct Fragment {
    tasks: Board,
}

/// The list alone, for htmx: the line for adding a task stays as it is.
#[derive(Template)]
#[template(path = "work/tasks/list.html")]
struct ListFragment {
    tasks: Board,
}

/// The fields of the line for adding a task.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewTask {
    pub title: String,
    pub assignee: String,
    pub due_on: String,
    pub view: View,
}

impl Fields for NewTask {}

impl NewTask {
    /// The details of the new task, or what is wrong with the input.
    pub(crate) async fn check(
        &self,
        tx: &mut OrgTx,
        project: ProjectId,
    ) -> Result<Result<Details, FieldErrors>> {
        let mut errors = FieldErrors::default();
        let title = errors.take("title", title(&self.title));
        let found = find_assignee(tx, project, &self.assignee, None).await?;
        let assignee_id = errors.take("assignee", found);
        let due_on = errors.take("due_on", Day::from_field(&self.due_on));
        Ok(match (title, assignee_id, due_on) {
            (Some(title), Some(assignee_id), Some(due_on)) => {
                Ok(Details { title, assignee_id, due_on, ..Details::default() })
            }
            _ => Err(errors),
        })
    }
}

/// The answer to a change of a task: the list of the project's tasks for htmx, otherwise the page on which it
/// was changed.
pub(crate) async fn answer<R: Level>(
    current: &CurrentProject<R>,
    htmx: Htmx,
    view: View,
    id: TaskId,
) -> Result<Response> {
    if htmx.wants_fragment && view.is_list() {
        let mut tx = current.read().await?;
        let tasks = Board::load(&mut tx, current, view == View::Done).await?;
        tx.commit().await?;
        return page(&ListFragment { tasks });
    }
    if htmx.wants_fragment && view == View::All {
        return Ok(refresh());
    }
    Ok(see_other(&match view {
        View::Project => current.path(&format!("#task-{id}")),
        View::Done => current.path(&format!("?done=1#task-{id}")),
        View::Task | View::All => current.path(&format!("/tasks/{id}")),
    }))
}

/// The fields of the controls that move a task.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MoveForm {
    /// One place up or down.
    direction: String,
    /// Instead: the task before which it belongs, or `end`.
    before: String,
    view: View,
}

impl Fields for MoveForm {}

/// `POST /orgs/{slug}/projects/{project}/tasks/{id}/move`
pub async fn move_task(
    current: CurrentProject<Contribute>,
    htmx: Htmx,
    Id(id): Id<TaskId>,
    Form(form): Form<MoveForm>,
) -> Result<Response> {
    let invalid = |words: String| AppError::Invalid(words.into());
    match form.before.as_str() {
        "" => {
            let direction: Direction = form.direction.parse().map_err(invalid)?;
            commands::move_by_one(&current, id, direction).await?;
        }
        "end" => commands::move_before(&current, id, None).await?,
        next => {
            let next = next.parse().map_err(|_| invalid("Choose a task.".into()))?;
            commands::move_before(&current, id, Some(next)).await?;
        }
    }
    answer(&current, htmx, form.view, id).await
}
