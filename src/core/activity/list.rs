//! The activity pages, of the organization and of a project.

use askama::Template;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::SECTION;
use super::model::{self, Event};
use super::sql::{self, Row};
use crate::core::access::{CurrentProject, Project, Read, Viewer};
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::list::PAGE_SIZE;
use crate::platform::module::Section;
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, Organization};
use crate::platform::web::flash::Received;
use crate::platform::web::{Htmx, Params, Shell, page};

/// The parameters in the URL.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct FeedParams {
    /// Where the previous page ended. It is sealed, because the numbers of entries would reveal how
    /// many the viewer cannot see.
    after: String,
}

#[derive(Template)]
#[template(path = "core/activity/index.html", blocks = ["list"])]
struct IndexPage {
    shell: Shell,
    organization: Organization,
    /// The project whose activity it is; `None` for the organization's.
    project: Option<Project>,
    /// The page's path.
    path: String,
    events: Vec<Event>,
    /// Whether it is the first page.
    is_newest: bool,
    older: Option<String>,
    now: Timestamp,
}

/// `GET /orgs/{slug}/activity`
pub async fn index(
    org: CurrentOrg<AnyMember>,
    htmx: Htmx,
    received: Received,
    Params(params): Params<FeedParams>,
) -> Result<Response> {
    let before = open(&org, &params.after)?;
    let mut tx = org.read().await?;
    let viewer = Viewer::of(&org);
    let rows = sql::of_organization(&mut tx, viewer, before, PAGE_SIZE as i64 + 1).await?;
    tx.commit().await?;
    let shell = org.shell(SECTION).with(received);
    respond(&org, htmx, shell, None, rows, params.after.is_empty())
}

/// The activity page of the current project, which belongs to `section`.
pub(crate) async fn of_project(
    current: &CurrentProject<Read>,
    section: Section,
    htmx: Htmx,
    received: Received,
    params: &FeedParams,
) -> Result<Response> {
    let before = open(current, &params.after)?;
    let project = current.project.clone();
    let mut tx = current.read().await?;
    let viewer = Viewer::of(current);
    let rows = sql::of_project(&mut tx, viewer, project.id, before, PAGE_SIZE as i64 + 1).await?;
    tx.commit().await?;
    let shell = current.shell(section).with(received);
    respond(current, htmx, shell, Some(project), rows, params.after.is_empty())
}

fn respond(
    org: &Context,
    htmx: Htmx,
    shell: Shell,
    project: Option<Project>,
    mut rows: Vec<Row>,
    is_newest: bool,
) -> Result<Response> {
    let path = match &project {
        Some(project) => org.organization.path(&format!("/projects/{}/activity", project.id)),
        None => org.organization.path("/activity"),
    };
    let has_more = rows.len() > PAGE_SIZE;
    rows.truncate(PAGE_SIZE);
    let last = rows.last().filter(|_| has_more);
    let older = last.map(|row| format!("{path}?after={}", seal(org, row.sequence)));
    let view = IndexPage {
        shell,
        organization: org.organization.clone(),
        events: match project {
            Some(_) => {
                model::by_day(model::in_project(rows, &org.organization).into_iter(), org.now)
            }
            None => {
                let events = rows.into_iter().map(|row| Event::new(row, &org.organization));
                model::by_day(events, org.now)
            }
        },
        project,
        path,
        is_newest,
        older,
        now: org.now,
    };
    if htmx.wants_fragment { page(&view.as_list()) } else { page(&view) }
}

fn context(org: &Context) -> String {
    format!("activity {}", org.organization.id)
}

fn seal(org: &Context, sequence: i64) -> String {
    URL_SAFE_NO_PAD.encode(org.app.keyring.seal(&context(org), &sequence.to_be_bytes()))
}

/// The entry after which a page begins, or the end of the log for the first page.
fn open(org: &Context, sealed: &str) -> Result<i64> {
    if sealed.is_empty() {
        return Ok(i64::MAX);
    }
    let bytes = URL_SAFE_NO_PAD.decode(sealed).ok();
    let plain = bytes.and_then(|bytes| org.app.keyring.open(&context(org), &bytes).ok());
    let number = plain.and_then(|plain| plain.try_into().ok()).map(i64::from_be_bytes);
    number.ok_or_else(|| AppError::BadRequest("This page of the list doesn't exist.".into()))
}
