//! The page of a task, with its comments.

use askama::Template;
use axum::response::Response;

use crate::core::access::{CurrentProject, Project, ProjectRole, Read};
use crate::core::activity::{self, Event};
use crate::modules::work::comments::{Thread, ThreadParams};
use crate::modules::work::tasks::noun::TaskId;
use crate::modules::work::tasks::{self, Status, Task};
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::tenant::Organization;
use crate::platform::web::flash::Received;
use crate::platform::web::{Id, Params, Shell, page};

/// How many events of its history are shown.
const HISTORY: i64 = 20;

#[derive(Template)]
#[template(path = "work/tasks/show.html")]
struct ShowPage {
    shell: Shell,
    organization: Organization,
    project: Project,
    /// The task's path.
    path: String,
    task: Task,
    thread: Thread,
    events: Vec<Event>,
    can_work: bool,
    now: Timestamp,
}

/// `GET /orgs/{slug}/projects/{project}/tasks/{id}`
pub async fn show(
    current: CurrentProject<Read>,
    received: Received,
    Id(id): Id<TaskId>,
    Params(params): Params<ThreadParams>,
) -> Result<Response> {
    let mut tx = current.read().await?;
    let task = tasks::live(&mut tx, current.project.id, id).await?.ok_or(AppError::NotFound)?;
    let thread = Thread::load(&mut tx, &current, Some(id), &params).await?;
    let events = activity::of_thing(&mut tx, &current, id.uuid(), HISTORY).await?;
    tx.commit().await?;
    page(&ShowPage {
        shell: current.shell(tasks::SECTION).with(received),
        organization: current.organization.clone(),
        project: current.project.clone(),
        path: current.path(&format!("/tasks/{id}")),
        task,
        thread,
        events,
        can_work: current.can(ProjectRole::Contributor),
        now: current.now,
    })
}
