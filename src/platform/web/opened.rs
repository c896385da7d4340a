//! An opened link from an email: its token leaves the URL at once, so that it is in no history, log
//! or screenshot, and waits in a cookie.
//!
//! Each link has a page with its own path and a cookie of its own, so that two links in two tabs do
//! not interfere.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::problem::Onward;
use super::{cookie, path, see_other};
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::secrets::{Token, digest};

/// How long the cookie keeps the token.
const LIFETIME: time::Duration = time::Duration::days(1);
/// How many links one browser keeps open; the oldest one is dropped for another.
const MOST: usize = 8;
/// The prefix of the cookies' names.
const COOKIE: &str = "link-";

/// A kind of link.
pub trait Link: Send + Sync + 'static {
    /// What its token is for; different for each kind.
    const PURPOSE: &'static str;
    /// The path of its pages, to which the link's own part is appended.
    const PATH: &'static str;
    /// Where to get another link.
    const ONWARD: Onward;
}

/// The sealed content of the cookie.
#[derive(Serialize, Deserialize)]
struct Held {
    purpose: String,
    token: String,
    /// When it expires, in microseconds.
    until: i64,
}

impl Held {
    fn read(app: &App, headers: &HeaderMap, name: &str) -> Option<Self> {
        let held: Self = cookie::read(headers, name, &app.config, |sealed| {
            let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
            serde_json::from_slice(&app.keyring.open(name, &sealed).ok()?).ok()
        })?;
        (Timestamp::from_micros(held.until) > app.clock.now()).then_some(held)
    }
}

/// Moves the token from the URL into a cookie, and redirects to the page of the link.
pub fn put_away<L: Link>(app: &App, headers: &HeaderMap, token: &Token) -> Result<Response> {
    let handle = handle(token);
    let name = format!("{COOKIE}{handle}");
    let until = app.clock.now().plus(LIFETIME).as_micros();
    let (purpose, text) = (L::PURPOSE.to_owned(), token.expose().to_owned());
    let held = serde_json::to_vec(&Held { purpose, token: text, until })
        .map_err(|error| AppError::Internal(Box::new(error)))?;
    let value = URL_SAFE_NO_PAD.encode(app.keyring.seal(&name, &held));
    let mut answer = see_other(&format!("{}/{handle}", L::PATH));
    set(app, &mut answer, &name, &value, LIFETIME.whole_seconds() as u32);
    for old in too_many(app, headers, &name) {
        set(app, &mut answer, &old, "", 0);
    }
    Ok(answer)
}

/// The page of the link of this kind that the browser opened last, if it still holds one: where to
/// go on after something else had to be done first.
pub fn latest<L: Link>(app: &App, headers: &HeaderMap) -> Option<String> {
    let names = cookie::names(headers, &app.config);
    let handles = names.into_iter().filter_map(|name| name.strip_prefix(COOKIE));
    let open = handles.filter_map(|handle| {
        let held = Held::read(app, headers, &format!("{COOKIE}{handle}"))?;
        (held.purpose == L::PURPOSE).then_some((held.until, handle))
    });
    open.max().map(|(_, handle)| format!("{}/{handle}", L::PATH))
}

fn set(app: &App, answer: &mut Response, name: &str, value: &str, max_age: u32) {
    let cookie = cookie::write(name, value, max_age, &app.config);
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// The cookies of the oldest links, if the browser has more than it may keep.
fn too_many(app: &App, headers: &HeaderMap, new: &str) -> Vec<String> {
    let names = cookie::names(headers, &app.config);
    let mut held: Vec<(i64, String)> = names
        .into_iter()
        .filter(|name| name.starts_with(COOKIE) && *name != new)
        .map(|name| (Held::read(app, headers, name).map_or(0, |held| held.until), name.to_owned()))
        .collect();
    held.sort();
    let over = (held.len() + 1).saturating_sub(MOST);
    held.into_iter().take(over).map(|(_, name)| name).collect()
}

/// The part of the path that replaces the token: it opens nothing without the cookie.
fn handle(token: &Token) -> String {
    let digest = digest(&[b"link ", token.expose().as_bytes()].concat());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether `cookie` belongs to a link that a person redirected to `location` continues with.
pub(super) fn is_needed(cookie: &str, location: &str) -> bool {
    cookie.strip_prefix(COOKIE).is_some_and(|handle| location.contains(handle))
}

/// The opened link whose page is requested, by the `{link}` in the path.
pub struct Opened<L> {
    /// The token that was in the URL.
    pub token: Token,
    /// The page's path: its forms post there or below it.
    pub path: String,
    kind: PhantomData<L>,
}

impl<L: Link> FromRequestParts<App> for Opened<L> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let handle = path::param(parts, app, "link").await?;
        let held = Held::read(app, &parts.headers, &format!("{COOKIE}{handle}"));
        let token = held
            .filter(|held| held.purpose == L::PURPOSE)
            .and_then(|held| Token::parse(&held.token))
            .ok_or(AppError::LinkGone {
                words: "This link was opened more than a day ago, in another browser or with \
                        cookies turned off. Allow cookies for this site and open the link again.",
                onward: L::ONWARD,
            })?;
        Ok(Self { token, path: format!("{}/{handle}", L::PATH), kind: PhantomData })
    }
}
