//! Requests that change something must come from our own pages.
//!
//! Browsers say where a request comes from in `Sec-Fetch-Site`, or in `Origin` if they do not
//! support that; a page cannot forge either. Programs that send neither have no browser's cookies.
//!
//! `Origin: null` says nothing: browsers send it from pages that ask for no referrer, as our own
//! pages with a token in their address do. For requests from such pages, the form's token alone
//! decides. The same applies over plain http under a name that is not loopback, where browsers omit
//! `Sec-Fetch-Site`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::headers::hides_referrer;
use super::route::RouteLimits;
use crate::platform::App;
use crate::platform::error::AppError;

/// Refuses requests from other sites.
pub async fn refuse(
    State((app, route_limits)): State<(App, Arc<RouteLimits>)>,
    request: Request,
    next: Next,
) -> Response {
    let may_hide = !app.config.is_trustworthy() || hides_referrer(request.uri().path());
    if !route_limits.asks_for_our_page(&request)
        || is_ours(request.headers(), &app.config.origin(), may_hide)
    {
        next.run(request).await
    } else {
        AppError::CrossSite.into_response()
    }
}

/// Whether one of our pages sent the request; `may_hide` says whether ours would hide its origin.
fn is_ours(headers: &HeaderMap, origin: &str, may_hide: bool) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    headers.get(header::ORIGIN).is_none_or(|sent| sent == origin || may_hide && sent == "null")
}

#[cfg(test)]
mod tests {
    use super::is_ours;
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    fn ours(headers: &[(&'static str, &'static str)]) -> bool {
        is_ours_from(headers, false)
    }

    fn is_ours_from(headers: &[(&'static str, &'static str)], may_hide: bool) -> bool {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        is_ours(&headers, "https://app.example.test", may_hide)
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

    #[test]
    fn an_origin_that_our_own_pages_make_browsers_hide_is_left_to_the_token() {
        assert!(is_ours_from(&[("origin", "null")], true));
        assert!(!is_ours_from(&[("origin", "null"), ("sec-fetch-site", "cross-site")], true));
        assert!(!is_ours_from(&[("origin", "https://evil.test")], true));
    }
}
