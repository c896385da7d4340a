//! Small cookies of our own, beside the session's: each holds one thing, most for a short time.
//!
//! Browsers send a host's cookies to every port of it, with those of other programs there. What is
//! not ours is taken off before anything looks, whatever bytes are in it; and where two
//! installations stand behind two ports of one host, the port is part of the names.

use axum::extract::{Request, State};
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use tower_sessions::session::Id as SessionId;

use crate::platform::App;
use crate::platform::config::Config;

/// The name of the session's cookie, and what the names of all others begin with: host-bound by
/// its prefix wherever the base URL is https.
pub fn session_name(config: &Config) -> String {
    let prefix = if config.is_https() { "__Host-" } else { "" };
    // A dot, so that no name begins with another installation's and a hyphen.
    let port = config.port_in_base_url().map(|port| format!(".{port}")).unwrap_or_default();
    format!("{prefix}tenantry{port}")
}

/// The whole name of the small cookie `name`.
pub fn full_name(name: &str, config: &Config) -> String {
    format!("{}-{name}", session_name(config))
}

/// Takes off every cookie that is not ours: another program's may hold bytes for which the whole
/// header would be unreadable.
pub async fn keep_ours(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if request.headers().contains_key(COOKIE) {
        let ours = ours(request.headers(), &app.config);
        // It stays even if nothing is left: that a browser sends the request is known by it.
        request.headers_mut().insert(COOKIE, ours);
    }
    next.run(request).await
}

fn ours(headers: &HeaderMap, config: &Config) -> HeaderValue {
    let session = session_name(config);
    let start = full_name("", config);
    let sent =
        headers.get_all(COOKIE).iter().flat_map(|value| value.as_bytes().split(|b| *b == b';'));
    let ours: Vec<&str> = sent
        .filter_map(|cookie| str::from_utf8(cookie.trim_ascii()).ok())
        .filter(|cookie| {
            let (name, value) = cookie.split_once('=').unwrap_or((cookie, ""));
            let is_session = || name == session && value.parse::<SessionId>().is_ok();
            cookie.is_ascii() && (name.starts_with(&start) || is_session())
        })
        .collect();
    HeaderValue::try_from(ours.join("; ")).unwrap_or(HeaderValue::from_static(""))
}

/// What `parse` makes of the cookie `name`. Another program on a host without https can set a second
/// one of that name: what cannot be read is passed over.
pub fn read<'h, T>(
    headers: &'h HeaderMap,
    name: &str,
    config: &Config,
    parse: impl Fn(&'h str) -> Option<T>,
) -> Option<T> {
    let name = full_name(name, config);
    pairs(headers).filter(|(known, _)| *known == name).find_map(|(_, value)| parse(value))
}

/// The names of our own small cookies that the request came with.
pub fn names<'h>(headers: &'h HeaderMap, config: &Config) -> Vec<&'h str> {
    let start = full_name("", config);
    let mut names: Vec<&str> = pairs(headers)
        .filter_map(|(name, _)| name.strip_prefix(start.as_str()))
        .filter(|name| !name.is_empty())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
}

/// A `Set-Cookie` for `max_age` seconds; 0 removes it.
///
/// Lax, because what follows a link in a mail still counts as coming from there.
pub fn write(name: &str, value: &str, max_age: u32, config: &Config) -> String {
    format!("{}; Max-Age={max_age}", write_for_visit(name, value, config))
}

/// A `Set-Cookie` as [`write`] gives it, sent along only with what begins at a page of ours.
pub fn write_strict(name: &str, value: &str, max_age: u32, config: &Config) -> String {
    format!("{}; Max-Age={max_age}", bare(name, value, "Strict", config))
}

/// A `Set-Cookie` as [`write`] gives it, until the browser is closed.
pub fn write_for_visit(name: &str, value: &str, config: &Config) -> String {
    bare(name, value, "Lax", config)
}

fn bare(name: &str, value: &str, same_site: &str, config: &Config) -> String {
    let name = full_name(name, config);
    let secure = if config.is_https() { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite={same_site}{secure}")
}
