//! One project: what it is, its tasks, what is said about it, and what happened.

use askama::Template;
use axum::response::Response;

use super::current::{CurrentProject, Level, Read};
use super::members::{self, MemberRow};
use super::model::Project;
use super::role::ProjectRole;
use crate::activity::{self, Event};
use crate::comments::{Thread, ThreadParams};
use crate::error::Result;
use crate::platform::clock::Timestamp;
use crate::platform::tenant::{OrgTx, Organization};
use crate::platform::web::flash::Received;
use crate::platform::web::{Params, Section, Shell, page};
use crate::tasks;

/// How many events are shown.
const EVENTS: i64 = 20;

#[derive(Template)]
#[template(path = "projects/show.html")]
struct ShowPage {
    shell: Shell,
    organization: Organization,
    project: Project,
    members: Vec<MemberRow>,
    tasks: tasks::Section,
    thread: Thread,
    events: Vec<Event>,
    can_lead: bool,
    now: Timestamp,
}

/// `GET /orgs/{slug}/projects/{project}`
pub async fn show(
    current: CurrentProject<Read>,
    received: Received,
    Params(params): Params<ThreadParams>,
) -> Result<Response> {
    let mut tx = current.read().await?;
    let tasks = tasks::Section::load(&mut tx, &current, params.shows_done()).await?;
    let mut view = ShowPage::load(tx, &current, &params, tasks).await?;
    view.shell = view.shell.with(received);
    page(&view)
}

/// The page with the tasks as they are given: with what is wrong with a new one.
pub(crate) async fn show_with<R: Level>(
    tx: OrgTx,
    current: &CurrentProject<R>,
    tasks: tasks::Section,
) -> Result<Response> {
    page(&ShowPage::load(tx, current, &ThreadParams::default(), tasks).await?)
}

impl ShowPage {
    async fn load<R: Level>(
        mut tx: OrgTx,
        current: &CurrentProject<R>,
        params: &ThreadParams,
        tasks: tasks::Section,
    ) -> Result<Self> {
        let members = members::list(&mut tx, current.project.id).await?;
        let thread = Thread::load(&mut tx, current, None, params).await?;
        let events = activity::of_project(&mut tx, current, EVENTS).await?;
        tx.commit().await?;
        Ok(Self {
            shell: current.shell(Section::Projects),
            organization: current.organization.clone(),
            project: current.project.clone(),
            members,
            tasks,
            thread,
            events,
            can_lead: current.can(ProjectRole::Lead),
            now: current.now,
        })
    }
}
