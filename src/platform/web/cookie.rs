//! Small cookies of our own, beside the session's: each holds one thing for a short time.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

/// A cookie's name: host-bound by its prefix wherever the base URL is https.
fn full_name(name: &str, secure: bool) -> String {
    if secure { format!("__Host-tenantry-{name}") } else { format!("tenantry-{name}") }
}

/// The value of the cookie `name`.
pub fn read<'h>(headers: &'h HeaderMap, name: &str, secure: bool) -> Option<&'h str> {
    let name = full_name(name, secure);
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(known, value)| (known == name).then_some(value))
}

/// A `Set-Cookie` for `max_age` seconds; 0 removes it.
///
/// Lax, because what follows a link in a mail still counts as coming from there.
pub fn write(name: &str, value: &str, max_age: u32, secure: bool) -> String {
    format!("{}; Max-Age={max_age}", write_for_visit(name, value, secure))
}

/// The same until the browser is closed.
pub fn write_for_visit(name: &str, value: &str, secure: bool) -> String {
    let name = full_name(name, secure);
    let secure = if secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}")
}
