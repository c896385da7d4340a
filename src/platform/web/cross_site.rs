//! Requests that change something must come from our own pages.
//!
//! Browsers say where a request comes from in `Sec-Fetch-Site` and, where they do not know it, in
//! `Origin`; a page cannot forge either. Programs that send neither hold no cookie of a browser.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::route::Outline;
use crate::error::AppError;
use crate::platform::App;

/// Refuses what another site sent.
pub async fn refuse(
    State((app, outline)): State<(App, Arc<Outline>)>,
    request: Request,
    next: Next,
) -> Response {
    if !outline.may_change(request.method()) || is_ours(request.headers(), &app.config.origin()) {
        next.run(request).await
    } else {
        AppError::CrossSite.into_response()
    }
}

fn is_ours(headers: &HeaderMap, origin: &str) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    headers.get(header::ORIGIN).is_none_or(|sent| sent == origin)
}

#[cfg(test)]
mod tests {
    use super::is_ours;
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    fn ours(headers: &[(&'static str, &'static str)]) -> bool {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        is_ours(&headers, "https://app.example.test")
    }

    #[test]
    fn only_our_own_pages_and_programs_without_a_browser_pass() {
        assert!(ours(&[]));
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
        assert!(ours(&[("origin", "https://app.example.test")]));
        assert!(!ours(&[("sec-fetch-site", "cross-site")]));
        assert!(!ours(&[("sec-fetch-site", "same-site")]));
        assert!(!ours(&[("origin", "https://evil.test")]));
        assert!(!ours(&[("origin", "null")]));
    }
}
