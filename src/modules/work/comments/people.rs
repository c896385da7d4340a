//! The people whom a comment can mention, suggested while its author types a name.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::core::access::{Contribute, CurrentProject, Suggested, suggested};
use crate::platform::error::Result;
use crate::platform::web::form::Params;
use crate::platform::web::page;

/// Its path, relative to the project.
pub(super) const PEOPLE: &str = "/comments/people";

/// What has been typed after the `@`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    q: String,
}

/// The options of the picker.
#[derive(Template)]
#[template(path = "work/comments/people.html")]
struct Options {
    people: Vec<Suggested>,
    organization_path: String,
}

/// `GET /orgs/{slug}/projects/{project}/comments/people`
pub async fn people(
    current: CurrentProject<Contribute>,
    Params(typed): Params<Typed>,
) -> Result<Response> {
    let mut tx = current.read().await?;
    let people = suggested(&mut tx, current.project.id, &typed.q).await?;
    tx.commit().await?;
    page(&Options { people, organization_path: current.organization.path("") })
}
