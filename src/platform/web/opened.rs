//! A link from a mail that was opened: its token leaves the URL at once, so that it stands in no
//! history, log or screenshot, and waits in a cookie.
//!
//! The page that follows has a path of its own for each link, and each link a cookie of its own: two
//! that are opened in two tabs do not get into each other's way.

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

/// How long the cookie holds the token.
const LIFETIME: time::Duration = time::Duration::days(1);
/// How many links one browser holds open; beyond them the one that was opened first goes.
const MOST: usize = 8;
/// What the cookies' names begin with.
const COOKIE: &str = "link-";

/// A kind of link.
pub trait Link: Send + Sync + 'static {
    /// What its token is for, which no other kind's is.
    const PURPOSE: &'static str;
    /// Where its pages are; the link's own follows.
    const PATH: &'static str;
    /// Where to get another one.
    const ONWARD: Onward;
}

/// What the cookie holds, sealed.
#[derive(Serialize, Deserialize)]
struct Held {
    purpose: String,
    token: String,
    /// In microseconds.
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

/// Takes the token out of the URL: to the page of its link, where a cookie holds it.
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

fn set(app: &App, answer: &mut Response, name: &str, value: &str, max_age: u32) {
    let cookie = cookie::write(name, value, max_age, &app.config);
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// The cookies of the links that were opened first, where there are as many as one browser holds.
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

/// What stands in the path in the place of the token: it opens nothing without the cookie.
fn handle(token: &Token) -> String {
    let digest = digest(&[b"link ", token.expose().as_bytes()].concat());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether `cookie` is that of a link which whoever is sent to `location` goes on with.
pub(super) fn is_needed(cookie: &str, location: &str) -> bool {
    cookie.strip_prefix(COOKIE).is_some_and(|handle| location.contains(handle))
}

/// The link whose page is asked for, by the `{link}` in the path.
pub struct Opened<L> {
    /// What stood in the URL.
    pub token: Token,
    /// The page's path: forms on it go there, or further down.
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
                words: "Your browser no longer has this link: it was opened more than a day ago or \
                        in another browser, or cookies are off. Let your browser keep cookies for \
                        this site, and open the link again.",
                onward: L::ONWARD,
            })?;
        Ok(Self { token, path: format!("{}/{handle}", L::PATH), kind: PhantomData })
    }
}
