//! Small cookies of our own, beside the session's: each holds one thing, most for a short time.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

/// A cookie's name: host-bound by its prefix wherever the base URL is https.
fn full_name(name: &str, secure: bool) -> String {
    if secure { format!("__Host-tenantry-{name}") } else { format!("tenantry-{name}") }
}

/// The value of the cookie `name`.
pub fn read<'h>(headers: &'h HeaderMap, name: &str, secure: bool) -> Option<&'h str> {
    let name = full_name(name, secure);
    pairs(headers).find_map(|(known, value)| (known == name).then_some(value))
}

/// The names of our own small cookies that the request came with.
pub fn names(headers: &HeaderMap, secure: bool) -> Vec<&str> {
    let start = full_name("", secure);
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
pub fn write(name: &str, value: &str, max_age: u32, secure: bool) -> String {
    format!("{}; Max-Age={max_age}", write_for_visit(name, value, secure))
}

/// The same, sent along only with what begins at a page of ours.
pub fn write_strict(name: &str, value: &str, max_age: u32, secure: bool) -> String {
    format!("{}; Max-Age={max_age}", bare(name, value, "Strict", secure))
}

/// The same as [`write`] until the browser is closed.
pub fn write_for_visit(name: &str, value: &str, secure: bool) -> String {
    bare(name, value, "Lax", secure)
}

fn bare(name: &str, value: &str, same_site: &str, secure: bool) -> String {
    let name = full_name(name, secure);
    let secure = if secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite={same_site}{secure}")
}
