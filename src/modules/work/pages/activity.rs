//! The activity in one project.

use axum::response::Response;

use crate::core::access::{CurrentProject, Read};
use crate::core::activity::{self, FeedParams};
use crate::modules::work::projects;
use crate::platform::error::Result;
use crate::platform::web::flash::Received;
use crate::platform::web::{Htmx, Params};

/// `GET /orgs/{slug}/projects/{project}/activity`
pub async fn show(
    current: CurrentProject<Read>,
    htmx: Htmx,
    received: Received,
    Params(params): Params<FeedParams>,
) -> Result<Response> {
    activity::project_page(&current, projects::SECTION, htmx, received, &params).await
}
