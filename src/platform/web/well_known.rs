//! What browsers and robots ask for at addresses that are the same on every site.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use time::Duration;

use super::assets;
use crate::platform::App;
use crate::platform::error::{AppError, Result};

/// How browsers keep what has no version in its address.
const CACHING: &str = "public, max-age=86400";

/// Where the contact for security is published.
const SECURITY_TXT: &str = "/.well-known/security.txt";

/// For how many days a published contact counts. RFC 9116 asks for less than a year.
const CONTACT_DAYS: i64 = 180;

/// An installation is private: robots may see how one signs in, and nothing else.
const ROBOTS: &str = "\
User-agent: *
Allow: /$
Allow: /login$
Allow: /signup$
Allow: /static/
Disallow: /
";

/// `GET /favicon.ico`, for browsers that do not draw SVG.
pub async fn favicon() -> Result<Response> {
    assets::answer("favicon.ico", CACHING)
}

/// `GET /apple-touch-icon.png`, for devices that do not read the page before they ask.
pub async fn apple_touch_icon() -> Result<Response> {
    assets::answer("apple-touch-icon.png", CACHING)
}

/// `GET /manifest.webmanifest`: what a device shows for a page that is kept on its home screen.
pub async fn manifest() -> Response {
    let icon = |path: &str, size: &str| json!({"src": assets::url(path), "sizes": size});
    let manifest = json!({
        "id": "/",
        "name": "Tenantry",
        "start_url": "/",
        // Links in emails open in the browser: only there is the person signed in.
        "display": "browser",
        "background_color": "#f9f8f6",
        "theme_color": "#f1efeb",
        "icons": [
            icon("logo.svg", "any"),
            icon("icon-192.png", "192x192"),
            icon("icon-512.png", "512x512"),
        ],
    });
    text("application/manifest+json; charset=utf-8", manifest.to_string())
}

/// `GET /robots.txt`.
pub async fn robots() -> Response {
    text("text/plain; charset=utf-8", ROBOTS.to_owned())
}

/// `GET /.well-known/security.txt`: to whom people report a weakness, as RFC 9116 describes it.
///
/// # Errors
/// Not found, unless the operator has set a contact.
pub async fn security_txt(State(app): State<App>) -> Result<Response> {
    let contact = app.config.security_contact.as_ref().ok_or(AppError::NotFound)?;
    let expires = app.clock.now().plus(Duration::days(CONTACT_DAYS)).to_day();
    let canonical = app.config.link(SECURITY_TXT);
    let lines =
        format!("Contact: {contact}\nExpires: {expires}T00:00:00Z\nCanonical: {canonical}\n");
    Ok(text("text/plain; charset=utf-8", lines))
}

fn text(kind: &'static str, text: String) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, CACHING)], text).into_response()
}
