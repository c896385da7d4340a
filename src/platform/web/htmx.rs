//! Requests from htmx: they get fragments, and redirects as a header. The header names are those of
//! htmx 4.

use std::convert::Infallible;

use askama::Template;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::page::page;
use crate::platform::error::Result;

/// The header that marks a request from htmx.
pub const HX_REQUEST: HeaderName = HeaderName::from_static("hx-request");
const HX_REQUEST_TYPE: HeaderName = HeaderName::from_static("hx-request-type");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const HX_CURRENT_URL: HeaderName = HeaderName::from_static("hx-current-url");
pub(super) const HX_REDIRECT: HeaderName = HeaderName::from_static("hx-redirect");
const HX_REFRESH: HeaderName = HeaderName::from_static("hx-refresh");

/// Whether htmx sent the request and will swap the answer into a part of the page.
#[derive(Clone, Copy, Debug)]
pub struct Htmx {
    /// Whether a part of the page is wanted instead of the whole page.
    pub wants_fragment: bool,
}

impl Htmx {
    /// Renders the fragment for htmx, and the whole page otherwise.
    pub fn render(self, whole: &impl Template, fragment: impl Template) -> Result<Response> {
        if self.wants_fragment { page(&fragment) } else { page(whole) }
    }
}

impl<S: Sync> FromRequestParts<S> for Htmx {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self { wants_fragment: wants_fragment(&parts.headers) })
    }
}

/// Whether htmx sent a request with these headers.
pub fn is_htmx(headers: &HeaderMap) -> bool {
    headers.get(HX_REQUEST).is_some_and(|value| value == "true")
}

/// Whether htmx will swap the answer to a request with these headers into a part of the page.
pub(super) fn wants_fragment(headers: &HeaderMap) -> bool {
    is_htmx(headers) && headers.get(HX_REQUEST_TYPE).is_none_or(|kind| kind != "full")
}

/// Whether the answer to a request with these headers is shown as a page: the browser asks for a
/// document, or says nothing about it.
pub fn wants_page(headers: &HeaderMap) -> bool {
    match is_htmx(headers) {
        true => !wants_fragment(headers),
        false => headers.get(SEC_FETCH_DEST).is_none_or(|kind| kind == "document"),
    }
}

/// The path of the page from which htmx sent the request.
pub fn current_page(headers: &HeaderMap) -> Option<String> {
    if !is_htmx(headers) {
        return None;
    }
    let url = url::Url::parse(headers.get(HX_CURRENT_URL)?.to_str().ok()?).ok()?;
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    Some(format!("{}{query}", url.path()))
}

/// The answer to htmx that loads the open page again, after a change that shows in several places.
pub fn refresh() -> Response {
    (StatusCode::NO_CONTENT, [(HX_REFRESH, "true")]).into_response()
}

/// Turns "see other" into htmx's own redirect header, which loads the whole page: a redirect that
/// the browser follows would end up inside a table cell. A permanent redirect keeps the method, and
/// the browser follows it. A part of the page that is open is not loaded by going there, so that
/// page is loaded again.
pub async fn redirects(request: Request, next: Next) -> Response {
    let is_htmx = is_htmx(request.headers());
    let here = current_page(request.headers());
    let mut response = next.run(request).await;
    if is_htmx
        && response.status() == StatusCode::SEE_OTHER
        && let Some(location) = response.headers_mut().remove(header::LOCATION)
    {
        let (mut parts, _) = response.into_parts();
        parts.headers.remove(header::CONTENT_LENGTH);
        match here.is_some_and(|here| is_part_of(&location, &here)) {
            true => parts.headers.insert(HX_REFRESH, HeaderValue::from_static("true")),
            false => parts.headers.insert(HX_REDIRECT, location),
        };
        let mut response = (StatusCode::NO_CONTENT, parts.headers).into_response();
        *response.extensions_mut() = parts.extensions;
        return response;
    }
    response.headers_mut().append(header::VARY, HeaderValue::from_static("hx-request"));
    response
}

/// Whether `location` leads to a part of `page`.
fn is_part_of(location: &HeaderValue, page: &str) -> bool {
    let location = location.to_str().ok().and_then(|location| location.split_once('#'));
    location.is_some_and(|(path, _)| path == page)
}
