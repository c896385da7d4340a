//! Small cookies of our own besides the session's: each holds one value, and most live only
//! briefly.
//!
//! Browsers send a host's cookies to all its ports, including those of other programs. Foreign
//! cookies are removed before anything looks at them, whatever bytes they contain. Because two
//! installations can share a host, the names include the port.

use axum::extract::{Request, State};
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use tower_sessions::session::Id as SessionId;

use crate::platform::App;
use crate::platform::config::Config;

/// The name of the session's cookie, which is also the prefix of all other names. Where the base
/// URL is https, its own prefix binds the cookie to the host.
pub fn session_name(config: &Config) -> String {
    let prefix = if config.is_https() { "__Host-" } else { "" };
    // A dot, so that no name begins with another installation's name and a hyphen.
    let port = config.port_in_base_url().map(|port| format!(".{port}")).unwrap_or_default();
    format!("{prefix}tenantry{port}")
}

/// The full name of the small cookie `name`.
pub fn full_name(name: &str, config: &Config) -> String {
    format!("{}-{name}", session_name(config))
}

/// Removes every cookie that is not ours: another program's may contain bytes that would make the
/// whole header unreadable.
pub async fn keep_ours(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if request.headers().contains_key(COOKIE) {
        let ours = ours(request.headers(), &app.config);
        // The header stays even if it is empty: it shows that a browser sent the request.
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

/// Parses the cookie `name`. Without https, another program on the host can set a second cookie of
/// that name, so values that cannot be parsed are skipped.
pub fn read<'h, T>(
    headers: &'h HeaderMap,
    name: &str,
    config: &Config,
    parse: impl Fn(&'h str) -> Option<T>,
) -> Option<T> {
    let name = full_name(name, config);
    pairs(headers).filter(|(known, _)| *known == name).find_map(|(_, value)| parse(value))
}

/// The names of our small cookies in the request.
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

/// A `Set-Cookie` value that lasts `max_age` seconds; 0 removes the cookie.
///
/// It is `Lax`, because a request that follows a link in an email counts as cross-site.
pub fn write(name: &str, value: &str, max_age: u32, config: &Config) -> String {
    format!("{}; Max-Age={max_age}", write_for_visit(name, value, config))
}

/// Like [`write`], but `Strict`: sent only with requests that start from our own pages.
pub fn write_strict(name: &str, value: &str, max_age: u32, config: &Config) -> String {
    format!("{}; Max-Age={max_age}", bare(name, value, "Strict", config))
}

/// Like [`write`], but the cookie lasts until the browser is closed.
pub fn write_for_visit(name: &str, value: &str, config: &Config) -> String {
    bare(name, value, "Lax", config)
}

fn bare(name: &str, value: &str, same_site: &str, config: &Config) -> String {
    let name = full_name(name, config);
    let secure = if config.is_https() { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite={same_site}{secure}")
}
