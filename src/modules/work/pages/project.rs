//! The page of a project: its description and tasks, the thread of comments and history, its
//! properties and members.

use askama::Template;
use axum::response::Response;

use crate::core::access::{CurrentProject, Level, Project, ProjectRole, Read};
use crate::modules::work::comments::{Thread, ThreadParams};
use crate::modules::work::projects::{self, MemberRow};
use crate::modules::work::tasks;
use crate::platform::clock::Timestamp;
use crate::platform::error::Result;
use crate::platform::tenant::{OrgTx, Organization};
use crate::platform::web::flash::Received;
use crate::platform::web::{Params, Shell, page};

#[derive(Template)]
#[template(path = "work/projects/show.html")]
struct ShowPage {
    shell: Shell,
    organization: Organization,
    project: Project,
    members: Vec<MemberRow>,
    tasks: tasks::Board,
    thread: Thread,
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
    let tasks = tasks::Board::load(&mut tx, &current, params.shows_done()).await?;
    let mut view = ShowPage::load(tx, &current, &params, tasks).await?;
    view.shell = view.shell.with(received);
    page(&view)
}

/// The page with the given tasks, which may contain the errors of a new one.
pub(crate) async fn show_with<R: Level>(
    tx: OrgTx,
    current: &CurrentProject<R>,
    tasks: tasks::Board,
) -> Result<Response> {
    page(&ShowPage::load(tx, current, &ThreadParams::default(), tasks).await?)
}

impl ShowPage {
    async fn load<R: Level>(
        mut tx: OrgTx,
        current: &CurrentProject<R>,
        params: &ThreadParams,
        tasks: tasks::Board,
    ) -> Result<Self> {
        let members = projects::list_members(&mut tx, current.project.id).await?;
        let thread = Thread::load(&mut tx, current, None, params).await?;
        tx.commit().await?;
        Ok(Self {
            shell: current.shell(projects::SECTION),
            organization: current.organization.clone(),
            project: current.project.clone(),
            members,
            tasks,
            thread,
            can_lead: current.can(ProjectRole::Lead),
            now: current.now,
        })
    }
}
