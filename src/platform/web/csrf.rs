//! Forms carry a token that only our own pages know, in addition to the check in
//! [`super::cross_site`].
//!
//! A cookie contains 32 random bytes. The token in a page is a digest of these bytes and the
//! session's id, which scripts and other sites cannot read. So a planted cookie is worthless
//! without the session, and a token from before signing in or out is worthless afterwards.
//!
//! It is written behind a mask that is new in each answer: two answers have nothing of it in common
//! that could be guessed piece by piece from how long they are when they are compressed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{COOKIE, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;
use tower_sessions::Session;

use super::body::Start;
use super::route::RouteLimits;
use super::{cookie, form, multipart, once};
use crate::platform::App;
use crate::platform::error::AppError;
use crate::platform::secrets::{Token, digest, random_bytes};

/// The hidden field of every form. [`super::Form`] removes it before a handler sees the rest.
pub const FIELD: &str = "csrf";

/// The header in which htmx sends the token.
pub const HEADER: HeaderName = HeaderName::from_static("x-csrf-token");

/// The bytes of a mask: as many as a token has.
const MASK: usize = 32;

/// The cookie's name, without the prefix of all our cookies.
const NAME: &str = "csrf";

tokio::task_local! {
    /// The issuer for the pages of the running request. Forms are in macros and includes of every
    /// feature, which a value from the handler would not reach.
    static ISSUER: Arc<Issuer>;
    /// The token for a page that is rendered outside the middleware.
    static GIVEN: String;
}

/// The token for the page being rendered; empty outside a request.
pub fn token() -> String {
    if let Ok(token) = GIVEN.try_with(Clone::clone) {
        return token;
    }
    ISSUER.try_with(|issuer| issuer.draw()).unwrap_or_default()
}

/// Renders a page whose forms carry this token.
pub(crate) fn draw_with<T>(token: String, draw: impl FnOnce() -> T) -> T {
    GIVEN.sync_scope(token, draw)
}

/// A token in the answer that refuses a form for lack of one: the form can be sent again with it.
#[derive(Clone, Debug)]
pub(super) struct Fresh(pub String);

/// Makes the tokens of one browser.
#[derive(Debug)]
struct Issuer {
    cookie: Token,
    session: Session,
    mask: [u8; MASK],
    was_drawn: AtomicBool,
}

impl Issuer {
    fn draw(&self) -> String {
        self.was_drawn.store(true, Ordering::Relaxed);
        let masked = masked(&self.token(), &self.mask);
        URL_SAFE_NO_PAD.encode([&self.mask[..], &masked[..]].concat())
    }

    /// Computed each time, because a handler may have changed the session's id.
    fn token(&self) -> Vec<u8> {
        let session = self.session.id().map(|id| id.0.to_le_bytes());
        let session = session.as_ref().map_or(&[][..], |id| &id[..]);
        let parts = [b"tenantry csrf ", self.cookie.expose().as_bytes(), b" ", session];
        digest(&parts.concat())
    }

    fn made(&self, sent: &str) -> bool {
        let sent = URL_SAFE_NO_PAD.decode(sent).unwrap_or_default();
        let (mask, token) = sent.split_at(sent.len() / 2);
        sent.len() == 2 * MASK && masked(token, mask).ct_eq(&self.token()).into()
    }
}

/// A token behind a mask, or one from behind it.
fn masked(token: &[u8], mask: &[u8]) -> Vec<u8> {
    token.iter().zip(mask).map(|(token, mask)| token ^ mask).collect()
}

/// Refuses a change without a token issued to this browser, and lets pages be rendered with its
/// tokens.
pub async fn guard(
    State((app, route_limits)): State<(App, Arc<RouteLimits>)>,
    request: Request,
    next: Next,
) -> Response {
    let Some(session) = request.extensions().get::<Session>().cloned() else {
        return AppError::internal("the session layer stands before this one").into_response();
    };
    let known = cookie::read(request.headers(), NAME, &app.config, Token::parse);
    let is_new = known.is_none();
    let cookie = known.unwrap_or_else(Token::random);
    let issuer = Arc::new(Issuer {
        cookie,
        session,
        mask: random_bytes(),
        was_drawn: AtomicBool::new(false),
    });
    let is_open = !route_limits.asks_for_our_page(&request) || is_program(request.headers());
    let start = request.extensions().get::<Start>().cloned();
    let token = if is_open { None } else { sent(request.headers(), start).await };
    let is_ours = is_open || token.as_ref().is_some_and(|token| issuer.made(token));
    let sending = once::of(&request, &route_limits);
    let mut response = match is_ours {
        true => {
            let answer = once::SENDING.scope(sending, next.run(request));
            ISSUER.scope(Arc::clone(&issuer), answer).await
        }
        false => refuse(&request, &route_limits, &issuer, token.is_some()),
    };
    if is_new && issuer.was_drawn.load(Ordering::Relaxed) {
        let cookie = cookie::write_for_visit(NAME, issuer.cookie.expose(), &app.config);
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    response
}

/// The answer to a form that is older than its session, with the token that it should have. If the
/// person has been signed out meanwhile, it redirects to the sign-in page instead.
fn refuse(
    request: &Request,
    route_limits: &RouteLimits,
    issuer: &Issuer,
    has_token: bool,
) -> Response {
    tracing::info!("a form without its token was refused");
    let pattern = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let needs_person =
        pattern.is_some_and(|path| route_limits.needs_person(request.method(), path));
    let token = issuer.draw();
    let mut response = match has_token && issuer.session.id().is_none() && needs_person {
        true => AppError::SignedOut { next: "/".to_owned() }.into_response(),
        false => AppError::StalePage.into_response(),
    };
    if let Ok(fresh) = HeaderValue::from_str(&token) {
        response.headers_mut().insert(HEADER, fresh);
    }
    response.extensions_mut().insert(Fresh(token));
    response
}

/// Whether the request comes from a program: it has no cookie, so it acts for nobody, and lacks the
/// headers that every browser adds to a change. A sign-in sent by another site has at least one of
/// them.
fn is_program(headers: &HeaderMap) -> bool {
    [COOKIE, ORIGIN, HeaderName::from_static("sec-fetch-site")]
        .iter()
        .all(|name| !headers.contains_key(name))
}

/// The token from the header or the form. In a form with a file it is the first field, because only
/// the beginning has been read.
async fn sent(headers: &HeaderMap, start: Option<Start>) -> Option<String> {
    if let Some(token) = headers.get(HEADER) {
        return token.to_str().ok().map(str::to_owned);
    }
    let Start(start) = start?;
    match multipart::boundary(headers) {
        Some(boundary) => multipart::first_field(start, boundary, FIELD).await,
        None => form::field(&start, FIELD),
    }
}
