//! The page of a task: its description, its properties, and the thread of comments and history.

use askama::Template;
use axum::response::Response;

use crate::core::access::{Contribute, CurrentProject, Level, Project, ProjectRole, Read};
use crate::modules::work::comments::{Thread, ThreadParams};
use crate::modules::work::projects::PEOPLE;
use crate::modules::work::tasks::noun::TaskId;
use crate::modules::work::tasks::{self, Task, View};
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::tenant::{OrgTx, Organization};
use crate::platform::web::flash::Received;
use crate::platform::web::{FieldErrors, Htmx, Id, Params, Shell, page};

/// A task with its properties, which are changed in place.
pub(super) struct Properties {
    pub task: Task,
    /// The task's path.
    pub path: String,
    /// The organization's path.
    pub organization_path: String,
    /// The path that suggests assignees.
    pub people: String,
    pub can_work: bool,
    pub errors: FieldErrors,
    pub now: Timestamp,
}

impl Properties {
    /// Loads a task of the current project.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is none.
    pub async fn load<R: Level>(
        tx: &mut OrgTx,
        current: &CurrentProject<R>,
        id: TaskId,
    ) -> Result<Self> {
        let task = tasks::live(tx, current.project.id, id).await?.ok_or(AppError::NotFound)?;
        Ok(Self {
            path: current.path(&format!("/tasks/{id}")),
            organization_path: current.organization.path(""),
            people: current.path(PEOPLE),
            can_work: current.can(ProjectRole::Contributor),
            errors: FieldErrors::default(),
            now: current.now,
            task,
        })
    }
}

#[derive(Template)]
#[template(path = "work/tasks/show.html")]
struct ShowPage {
    shell: Shell,
    organization: Organization,
    project: Project,
    of: Properties,
    thread: Thread,
}

/// `GET /orgs/{slug}/projects/{project}/tasks/{id}`
pub async fn show(
    current: CurrentProject<Read>,
    received: Received,
    Id(id): Id<TaskId>,
    Params(params): Params<ThreadParams>,
) -> Result<Response> {
    let mut tx = current.read().await?;
    let of = Properties::load(&mut tx, &current, id).await?;
    let mut view = ShowPage::load(tx, &current, of, &params).await?;
    view.shell = view.shell.with(received);
    page(&view)
}

impl ShowPage {
    async fn load<R: Level>(
        mut tx: OrgTx,
        current: &CurrentProject<R>,
        of: Properties,
        params: &ThreadParams,
    ) -> Result<Self> {
        let thread = Thread::load(&mut tx, current, Some(of.task.id), params).await?;
        tx.commit().await?;
        Ok(Self {
            shell: current.shell(tasks::SECTION),
            organization: current.organization.clone(),
            project: current.project.clone(),
            of,
            thread,
        })
    }
}

/// The page with errors in a property.
pub(super) async fn show_with<R: Level>(
    tx: OrgTx,
    current: &CurrentProject<R>,
    of: Properties,
) -> Result<Response> {
    page(&ShowPage::load(tx, current, of, &ThreadParams::default()).await?)
}

/// What can be done with a task; beside its row in a list it is a menu.
#[derive(Template)]
#[template(path = "work/tasks/menu.html", blocks = ["menu"])]
struct MenuPage {
    shell: Shell,
    of: Properties,
    /// The page whose row opened the menu.
    view: View,
}

/// The parameters in the address of the menu.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct MenuParams {
    view: View,
}

/// `GET /orgs/{slug}/projects/{project}/tasks/{id}/menu`
pub async fn menu(
    current: CurrentProject<Contribute>,
    htmx: Htmx,
    Id(id): Id<TaskId>,
    Params(params): Params<MenuParams>,
) -> Result<Response> {
    let mut tx = current.read().await?;
    let of = Properties::load(&mut tx, &current, id).await?;
    tx.commit().await?;
    let page = MenuPage { shell: current.shell(tasks::SECTION), of, view: params.view };
    htmx.render(&page, page.as_menu())
}
