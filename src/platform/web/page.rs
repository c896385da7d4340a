//! What handlers answer with: a page, a page with another status, or a redirect.

use askama::Template;
use axum::http::header::REFERER;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};

use crate::platform::error::Result;

/// Renders the template as a page.
pub fn page(template: &impl Template) -> Result<Response> {
    page_with_status(StatusCode::OK, template)
}

/// The template as the page of a form that is shown again with its errors: status 422.
pub fn page_again(template: &impl Template) -> Result<Response> {
    page_with_status(StatusCode::UNPROCESSABLE_ENTITY, template)
}

/// The template as a page with a status of its own.
pub fn page_with_status(status: StatusCode, template: &impl Template) -> Result<Response> {
    Ok((status, Html(template.render()?)).into_response())
}

/// Marks the answer with a page that holds a secret.
#[derive(Clone, Copy, Debug)]
pub(super) struct HoldsSecret;

/// Renders the template as a page that holds a secret, such as a link with a token: it is never
/// compressed, because its length would tell something about the secret.
pub fn page_with_secret(template: &impl Template) -> Result<Response> {
    let mut response = page(template)?;
    response.extensions_mut().insert(HoldsSecret);
    Ok(response)
}

/// Redirects to `path` with GET, so that reloading the next page sends nothing twice.
pub fn see_other(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// The page of ours that sent the request, if the browser says so.
pub fn referring_page(headers: &HeaderMap) -> Option<String> {
    let url = url::Url::parse(headers.get(REFERER)?.to_str().ok()?).ok()?;
    let host = headers.get("host")?.to_str().ok()?;
    let authority = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    (authority == host).then(|| format!("{}{query}", url.path()))
}

/// `path` if it is a path on this host, otherwise `fallback`.
pub fn local_path(path: &str, fallback: &str) -> String {
    // Browsers read "/\" and "//" as another host, and drop tabs and newlines before parsing.
    let is_local = path.starts_with('/')
        && !path[1..].starts_with(['/', '\\'])
        && !path.chars().any(|character| character.is_control() || character == '\\');
    if is_local { path } else { fallback }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn only_paths_of_this_host_are_followed() {
        assert_eq!(local_path("/orgs/acme?page=2", "/"), "/orgs/acme?page=2");
        for elsewhere in [
            "https://evil.test",
            "//evil.test",
            "/\\evil.test",
            "\\\\evil.test",
            "javascript:alert(1)",
            "/\t/evil.test",
            "/a\r\nSet-Cookie: x",
            "evil.test",
            "",
            "/orgs\\..\\evil",
        ] {
            assert_eq!(local_path(elsewhere, "/"), "/", "{elsewhere:?}");
        }
    }
}
