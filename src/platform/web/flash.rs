//! A message that survives one redirect: "Invitation sent."
//!
//! It travels in a cookie of its own, so that it works for people who are not signed in and costs
//! no statement. Its content is shown as plain text and never trusted.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;

use super::cookie;
use super::htmx::wants_fragment;
use super::page::{local_path, see_other};
use crate::platform::App;
use crate::platform::config::Config;

/// The cookie that carries it.
const COOKIE: &str = "flash";
/// Longer messages are cut: browsers drop cookies over 4096 bytes.
const MAX_BYTES: usize = 1200;

/// How the next page shows a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tone {
    /// At the edge of the page, for a moment: something was done.
    #[default]
    Done,
    /// In the page, permanently: something is left to do.
    ToDo,
    /// In the page, permanently: something was refused.
    Refused,
}

/// A message for the next page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// The message.
    pub text: String,
    /// How it is shown.
    #[serde(default)]
    pub tone: Tone,
    /// Where to post a form that undoes the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<String>,
}

impl Flash {
    /// A redirect to `path`, which shows `text`.
    pub fn redirect(path: &str, text: impl Into<String>) -> Response {
        Self::with_tone(path, Tone::Done, text)
    }

    /// A redirect to `path`, which shows `text` in `tone`.
    pub fn with_tone(path: &str, tone: Tone, text: impl Into<String>) -> Response {
        (Self { text: text.into(), tone, undo: None }, see_other(path)).into_response()
    }

    /// A redirect to `path`, which shows `text` with a button that posts to `undo`.
    pub fn redirect_with_undo(path: &str, text: impl Into<String>, undo: String) -> Response {
        let flash = Self { text: text.into(), tone: Tone::Done, undo: Some(undo) };
        (flash, see_other(path)).into_response()
    }
}

/// Attaches the message to an answer; the middleware writes the cookie, because it knows its full
/// name.
impl IntoResponseParts for Flash {
    type Error = Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
        response.extensions_mut().insert(self);
        Ok(response)
    }
}

/// The message that the request carries.
#[derive(Clone, Debug, Default)]
pub struct Received(pub Option<Flash>);

impl<S: Sync> FromRequestParts<S> for Received {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// Reads the cookie for the handlers, writes it for redirects, and clears it after it was shown. A
/// part of a page, for htmx, does not show it.
pub async fn carry(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let config = &app.config;
    let received = read(request.headers(), config);
    let shows_it = received.is_some() && !wants_fragment(request.headers());
    request.extensions_mut().insert(Received(received));
    let mut response = next.run(request).await;
    let cookie = match response.extensions_mut().remove::<Flash>() {
        Some(flash) => Some(write(&flash, config)),
        None if shows_it && shows_pages(&response) => Some(clear(config)),
        None => None,
    };
    if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::try_from(cookie).ok()) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

fn shows_pages(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    !response.headers().contains_key(LOCATION) && kind.is_some_and(|k| k.starts_with(b"text/html"))
}

fn read(headers: &HeaderMap, config: &Config) -> Option<Flash> {
    let flash: Flash = cookie::read(headers, COOKIE, config, |value| {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).ok()?).ok()
    })?;
    let undo = flash.undo.filter(|path| local_path(path, "") == *path);
    (!flash.text.is_empty()).then_some(Flash { undo, ..flash })
}

fn write(flash: &Flash, config: &Config) -> String {
    let mut end = flash.text.len().min(MAX_BYTES);
    while !flash.text.is_char_boundary(end) {
        end -= 1;
    }
    let flash = Flash { text: flash.text[..end].to_owned(), ..flash.clone() };
    let json = serde_json::to_vec(&flash).unwrap_or_default();
    cookie::write(COOKIE, &URL_SAFE_NO_PAD.encode(json), 300, config)
}

fn clear(config: &Config) -> String {
    cookie::write(COOKIE, "", 0, config)
}
