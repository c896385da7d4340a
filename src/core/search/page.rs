//! The page of the search.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::{Found, Results, Wanted, find, kinds};
use crate::platform::error::Result;
use crate::platform::module::Section;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, Organization};
use crate::platform::web::flash::Received;
use crate::platform::web::{Htmx, Params, Shell};

/// How many results a page shows.
const RESULTS: i64 = 50;

/// The parameters in the URL.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SearchParams {
    pub(super) q: String,
    /// The word of a kind; empty for all.
    kind: String,
}

#[derive(Template)]
#[template(path = "core/search/index.html", blocks = ["list"])]
struct SearchPage {
    shell: Shell,
    organization: Organization,
    typed: String,
    kind: String,
    /// The words of the kinds, and their labels.
    kinds: Vec<(&'static str, &'static str)>,
    /// Whether there was something to look for.
    has_terms: bool,
    found: Vec<Found>,
    has_more: bool,
}

/// `GET /orgs/{slug}/search`
pub async fn index(
    org: CurrentOrg<AnyMember>,
    htmx: Htmx,
    received: Received,
    Params(params): Params<SearchParams>,
) -> Result<Response> {
    let kinds = kinds(&org);
    let is_known = kinds.iter().any(|(word, _)| *word == params.kind);
    let wanted = Wanted::new(&params.q, if is_known { &params.kind } else { "" });
    let mut tx = org.read().await?;
    let Results { found, has_more } = find(&mut tx, &org, &wanted, RESULTS).await?;
    tx.commit().await?;
    let page = SearchPage {
        shell: org.shell(Section::NONE).with(received),
        organization: org.organization.clone(),
        has_terms: !wanted.terms.is_empty(),
        typed: wanted.typed,
        kind: wanted.kind,
        kinds,
        found,
        has_more,
    };
    htmx.render(&page, page.as_list())
}
