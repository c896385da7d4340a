//! Headers of every answer, whatever its status.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{cookie, htmx, look, opened};
use crate::platform::App;
use crate::platform::config::Config;
use crate::platform::secrets::random_bytes;
use crate::platform::session::{self, known};

tokio::task_local! {
    /// The nonce for the scripts of the page being rendered.
    static NONCE: Arc<Nonce>;
}

#[derive(Debug)]
struct Nonce {
    text: String,
    was_drawn: AtomicBool,
}

/// The nonce for the scripts of the page being rendered; empty outside a request.
pub fn nonce() -> String {
    let drawn = NONCE.try_with(|nonce| {
        nonce.was_drawn.store(true, Ordering::Relaxed);
        nonce.text.clone()
    });
    drawn.unwrap_or_default()
}

/// What the rendered page may load: our own files, and only the scripts that carry its nonce. A
/// page that did not ask for the nonce runs no scripts.
pub fn content_security_policy() -> String {
    let drawn = NONCE.try_with(|nonce| {
        nonce.was_drawn.load(Ordering::Relaxed).then(|| format!("'nonce-{}'", nonce.text))
    });
    let scripts = drawn.ok().flatten().unwrap_or_else(|| "'none'".to_owned());
    format!(
        "default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self'; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; \
         frame-ancestors 'none'"
    )
}

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
/// Without `"cookies"`, which would also remove the cookies of all subdomains and sibling sites,
/// the one that identifies the browser, and that with its look. Ours are removed one by one.
const WHAT_STAYS: &str = "\"cache\", \"storage\"";

const FIXED: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// Sets the headers, except those that the handler has set itself.
pub async fn set(State(app): State<App>, request: Request, next: Next) -> Response {
    let text = URL_SAFE_NO_PAD.encode(random_bytes::<16>());
    let nonce = Arc::new(Nonce { text, was_drawn: AtomicBool::new(false) });
    NONCE.scope(nonce, answer(&app, request, next)).await
}

async fn answer(app: &App, request: Request, next: Next) -> Response {
    let carries_token = hides_referrer(request.uri().path());
    let cookies = cookie::names(request.headers(), &app.config);
    let cookies: Vec<String> = cookies.into_iter().map(str::to_owned).collect();
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    add(headers, app, carries_token);
    if ends_session(headers, &app.config) {
        // Over plain http under a name other than loopback, browsers ignore it and log a warning.
        if app.config.is_https() || app.config.is_loopback() {
            headers.insert(CLEAR_SITE_DATA, HeaderValue::from_static(WHAT_STAYS));
        }
        // A link that the person continues with stays open.
        let location = headers.get(header::LOCATION).and_then(|location| location.to_str().ok());
        let location = location.unwrap_or_default().to_owned();
        let stays = |name: &str| {
            [known::COOKIE, look::COOKIE].contains(&name) || opened::is_needed(name, &location)
        };
        for name in cookies.iter().filter(|name| !stays(name)) {
            forget(headers, name, &app.config);
        }
    }
    response
}

/// Adds the headers that are missing.
pub(super) fn add(headers: &mut HeaderMap, app: &App, carries_token: bool) {
    for (name, value) in FIXED {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if let (false, Ok(policy)) = (
        headers.contains_key(header::CONTENT_SECURITY_POLICY),
        HeaderValue::try_from(content_security_policy()),
    ) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static(if carries_token {
        "no-referrer"
    } else {
        "same-origin"
    }));
    // A page is for one person at one moment; only static files set something else.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if app.config.is_https() {
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert(HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
}

/// Makes the browser delete one of our cookies, unless the answer has just set it.
fn forget(headers: &mut HeaderMap, name: &str, config: &Config) {
    let gone = cookie::write(name, "", 0, config);
    let start = gone.split_inclusive('=').next().unwrap_or_default();
    let is_set = |set: &HeaderValue| set.as_bytes().starts_with(start.as_bytes());
    if !headers.get_all(header::SET_COOKIE).iter().any(is_set)
        && let Ok(gone) = HeaderValue::try_from(gone)
    {
        headers.append(header::SET_COOKIE, gone);
    }
}

/// Whether the answer redirects and ends the session: the person has signed out, in whatever way.
fn ends_session(headers: &HeaderMap, config: &Config) -> bool {
    let goes_on = headers.contains_key(header::LOCATION) || headers.contains_key(htmx::HX_REDIRECT);
    goes_on
        && headers.get_all(header::SET_COOKIE).iter().any(|cookie| {
            cookie.to_str().is_ok_and(|cookie| {
                let mut parts = cookie.split("; ");
                parts.next().is_some_and(|pair| session::is_empty_cookie(pair, config))
                    && parts.any(|part| part == "Max-Age=0")
            })
        })
}

/// Whether the URL contains a token, or belongs to a page whose URL has just contained one: such
/// pages ask for no referrer.
pub(super) fn hides_referrer(path: &str) -> bool {
    [
        "/invitations/",
        "/join/",
        "/password/reset",
        "/signup/",
        "/first/",
        "/verify/",
        "/email/",
        "/not-me/",
        "/help/",
        "/login",
    ]
    .iter()
    .any(|prefix| path.starts_with(prefix))
}
