//! Repairs addresses that were damaged on the way: some mail programs take the character after a
//! link for a part of it, and a `next` may not name a page.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::route::RouteLimits;
use crate::platform::error::AppError;

/// What may follow a link in a text, literally and percent-encoded. None of our addresses ends with
/// any of it.
const BEHIND: &[&str] = &[
    ".",
    ",",
    ";",
    ":",
    "!",
    ")",
    "]",
    ">",
    "'",
    "\"",
    "*",
    "%29",
    "%5D",
    "%5d",
    "%3E",
    "%3e",
    "%22",
    "%27",
    "%2C",
    "%2c",
    "%3B",
    "%3b",
    "%E2%80%9D",
    "%e2%80%9d",
    "%E2%80%99",
    "%e2%80%99",
    "%C2%BB",
    "%c2%bb",
];

/// Redirects to the address without the characters that followed it in the text.
pub async fn straighten(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let straight = without_behind(path);
    if straight.len() == path.len()
        || straight.len() <= 1
        || !matches!(*request.method(), Method::GET | Method::HEAD)
    {
        return next.run(request).await;
    }
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    AppError::Moved(format!("{straight}{query}")).into_response()
}

fn without_behind(mut path: &str) -> &str {
    while let Some(shorter) = BEHIND.iter().find_map(|behind| path.strip_suffix(behind)) {
        path = shorter;
    }
    path
}

/// Redirects home if an answer redirects to something that is not a page, because the request's
/// `next` named an address that only takes forms.
pub async fn lead_home(
    State(route_limits): State<Arc<RouteLimits>>,
    request: Request,
    next: Next,
) -> Response {
    let mut answer = next.run(request).await;
    let location = answer.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    let path = location.and_then(|location| location.split(['?', '#']).next());
    if answer.status() == StatusCode::SEE_OTHER
        && path.is_some_and(|path| path.starts_with('/') && !route_limits.has_page(path))
    {
        answer.headers_mut().insert(LOCATION, HeaderValue::from_static("/"));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::without_behind;

    #[test]
    fn what_follows_a_link_is_taken_off_and_nothing_else() {
        for bent in ["/verify/a-_b.", "/verify/a-_b)", "/verify/a-_b%3E", "/verify/a-_b>).\""] {
            assert_eq!(without_behind(bent), "/verify/a-_b");
        }
        assert_eq!(without_behind("/static/app.css"), "/static/app.css");
        assert_eq!(without_behind("/"), "/");
    }
}
