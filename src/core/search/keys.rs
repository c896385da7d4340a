//! The keys that do something on every page.

use askama::Template;
use axum::response::Response;

use crate::platform::error::Result;
use crate::platform::module::Section;
use crate::platform::tenant::CurrentOrg;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::web::flash::Received;
use crate::platform::web::{Htmx, Shell};

#[derive(Template)]
#[template(path = "core/search/keys.html", blocks = ["keys"])]
struct KeysPage {
    shell: Shell,
}

/// `GET /orgs/{slug}/keys`
pub async fn show(org: CurrentOrg<AnyMember>, htmx: Htmx, received: Received) -> Result<Response> {
    let page = KeysPage { shell: org.shell(Section::NONE).with(received) };
    htmx.render(&page, page.as_keys())
}
