//! Forms carry a token that only our own pages know, beside what [`super::cross_site`] looks at.
//!
//! A cookie holds 32 random bytes. The token in a page is a digest of these and of the id of the
//! session, which no script and no other site can read: a cookie that somebody planted is worth
//! nothing without the session, and a token from before signing in or out is worth nothing after.

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
use crate::platform::secrets::{Token, digest};

/// The hidden field of every form. [`super::Form`] takes it off before a handler sees the rest.
pub const FIELD: &str = "csrf";

/// Where htmx puts the token.
pub const HEADER: HeaderName = HeaderName::from_static("x-csrf-token");

/// The cookie's name, behind the prefix that all of ours have.
const NAME: &str = "csrf";

tokio::task_local! {
    /// What the pages of the request that runs are drawn with. Forms stand in macros and includes
    /// of every feature, where no value of a handler's reaches.
    static ISSUER: Arc<Issuer>;
    /// The token for a page that is drawn outside of what makes them.
    static GIVEN: String;
}

/// The token for the page that is being drawn; empty outside a request.
pub fn token() -> String {
    if let Ok(token) = GIVEN.try_with(Clone::clone) {
        return token;
    }
    ISSUER.try_with(|issuer| issuer.draw()).unwrap_or_default()
}

/// Draws a page whose forms carry this token.
pub(crate) fn draw_with<T>(token: String, draw: impl FnOnce() -> T) -> T {
    GIVEN.sync_scope(token, draw)
}

/// A token in an answer that refuses a form for its lack of one: with it, the form can be sent.
#[derive(Clone, Debug)]
pub(super) struct Fresh(pub String);

/// Makes the tokens of one browser.
#[derive(Debug)]
struct Issuer {
    cookie: Token,
    session: Session,
    was_drawn: AtomicBool,
}

impl Issuer {
    fn draw(&self) -> String {
        self.was_drawn.store(true, Ordering::Relaxed);
        self.token()
    }

    /// Made anew each time: a handler may have given the session another id.
    fn token(&self) -> String {
        let session = self.session.id().map(|id| id.0.to_le_bytes());
        let session = session.as_ref().map_or(&[][..], |id| &id[..]);
        let parts = [b"tenantry csrf ", self.cookie.expose().as_bytes(), b" ", session];
        URL_SAFE_NO_PAD.encode(digest(&parts.concat()))
    }

    fn made(&self, sent: &str) -> bool {
        self.token().as_bytes().ct_eq(sent.as_bytes()).into()
    }
}

/// Refuses a change whose token this browser was not given, and lets pages be drawn with theirs.
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
    let issuer = Arc::new(Issuer { cookie, session, was_drawn: AtomicBool::new(false) });
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

/// The answer to a form that is older than its session, with the token that it should have. Whoever
/// is signed out by now is led to sign in instead.
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

/// Whether no browser sends this: it brings no cookie, so it acts for nobody, and lacks what every
/// browser adds to a change. A sign-in that another site sends has one of the two.
fn is_program(headers: &HeaderMap) -> bool {
    [COOKIE, ORIGIN, HeaderName::from_static("sec-fetch-site")]
        .iter()
        .all(|name| !headers.contains_key(name))
}

/// The token in the header, or in the form: of one with a file it is the first field, because only
/// the beginning is here yet.
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
