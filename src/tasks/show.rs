//! One task, with what is said about it.

use askama::Template;
use axum::response::Response;

use super::model::{Status, Task};
use super::sql;
use crate::activity::{self, Event};
use crate::comments::{Thread, ThreadParams};
use crate::error::{AppError, Result};
use crate::platform::clock::Timestamp;
use crate::platform::ids::TaskId;
use crate::platform::tenant::Organization;
use crate::platform::web::flash::Received;
use crate::platform::web::{Id, Params, Section, Shell, page};
use crate::projects::{CurrentProject, Project, ProjectRole, Read};

/// How many events of its history are shown.
const HISTORY: i64 = 20;

#[derive(Template)]
#[template(path = "tasks/show.html")]
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
    let task = sql::live(&mut tx, current.project.id, id).await?.ok_or(AppError::NotFound)?;
    let thread = Thread::load(&mut tx, &current, Some(id), &params).await?;
    let events = activity::of_task(&mut tx, &current, id, HISTORY).await?;
    tx.commit().await?;
    page(&ShowPage {
        shell: current.shell(Section::Tasks).with(received),
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
