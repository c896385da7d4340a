//! Errors as pages, as fragments and as JSON, drawn in one place.
//!
//! A handler's error is a [`Problem`] in the answer's extensions. What a layer or the framework
//! answers by itself (405, 413, a malformed path) has none and gets one by its status, so that
//! nobody ever sees a bare text.

use std::borrow::Cow;
use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use super::csrf::{self, Fresh};
use super::led::IdentityPages;
use super::route::RouteLimits;
use super::shell::Toast;
use super::typed::{Posted, Typed};
use super::{htmx, led};
use crate::platform::App;
use crate::platform::error::LedAway;
use crate::platform::telemetry::RequestId;

/// What went wrong, in words for the person it happened to, and a way onward.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    title: Cow<'static, str>,
    words: Cow<'static, str>,
    onward: Onward,
    /// A way onward whose address was made for this answer.
    way: Option<(String, &'static str)>,
    cause: Option<String>,
}

/// A link that leads on.
#[derive(Clone, Copy, Debug)]
pub struct Onward {
    /// Where it leads.
    pub path: &'static str,
    /// What it says.
    pub label: &'static str,
}

/// The way to one's account.
pub const ACCOUNT: Onward = Onward { path: "/account", label: "Go to your account" };
/// To sign in.
pub const SIGN_IN: Onward = Onward { path: "/login", label: "Sign in" };
/// To sign up, where people do that by themselves.
pub const SIGN_UP: Onward = Onward { path: "/signup", label: "Sign up again" };
/// To where somebody works.
pub const HOME: Onward = Onward { path: "/", label: "Go to your organization" };
/// To the list of one's organizations.
pub const ORGANIZATIONS: Onward = Onward { path: "/orgs", label: "See your organizations" };

impl Problem {
    /// The problem that `status` stands for, in its general words.
    pub fn of(status: StatusCode) -> Self {
        let (title, words, onward) = match status {
            StatusCode::BAD_REQUEST => (
                "This request could not be read",
                "Something in it is not what our pages send. Go back and try again.",
                HOME,
            ),
            StatusCode::FORBIDDEN => ("You cannot do this", "Your role does not allow it.", HOME),
            StatusCode::NOT_FOUND => (
                "There is nothing here",
                "The page does not exist, or it belongs to an organization you are not in.",
                ORGANIZATIONS,
            ),
            StatusCode::METHOD_NOT_ALLOWED => (
                "This address does not accept that",
                "It exists, but not for this kind of request.",
                HOME,
            ),
            StatusCode::REQUEST_TIMEOUT => (
                "This took too long to arrive",
                "Nothing was changed. Check your connection and send it again.",
                HOME,
            ),
            StatusCode::CONFLICT => (
                "Something changed in the meantime",
                "It was possible when you opened the page, but it no longer is.",
                HOME,
            ),
            StatusCode::GONE => {
                ("This link no longer works", "It has been used, replaced or has expired.", HOME)
            }
            StatusCode::URI_TOO_LONG | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => (
                "This request is too long",
                "Its address or its headers are too long. Remove this site's cookies and try \
                 again.",
                HOME,
            ),
            StatusCode::PAYLOAD_TOO_LARGE => (
                "That is too much at once",
                "Send less text, or a smaller file, and try again.",
                HOME,
            ),
            StatusCode::MISDIRECTED_REQUEST => (
                "This is not the address of this site",
                "Use the one in its emails. Its operator sets it as the base URL.",
                HOME,
            ),
            StatusCode::UNPROCESSABLE_ENTITY => {
                ("Something is not right yet", "Go back, check the form and try again.", HOME)
            }
            StatusCode::TOO_MANY_REQUESTS => {
                ("That was a lot in a short time", "Wait a moment and try again.", HOME)
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                ("Very busy right now", "Nothing was changed. Try again in a few seconds.", HOME)
            }
            _ => (
                "Something went wrong on our side",
                "It has been logged, and nothing was left half done. Try again in a moment.",
                HOME,
            ),
        };
        Self { status, title: title.into(), words: words.into(), onward, way: None, cause: None }
    }

    /// With another title.
    pub fn title(self, title: impl Into<Cow<'static, str>>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// With other words.
    pub fn words(self, words: impl Into<Cow<'static, str>>) -> Self {
        Self { words: words.into(), ..self }
    }

    /// With a way onward that was made for this answer.
    pub fn way(self, path: String, label: &'static str) -> Self {
        Self { way: Some((path, label)), ..self }
    }

    /// With another way onward.
    pub fn onward(self, onward: Onward) -> Self {
        Self { onward, ..self }
    }

    /// The page by itself, where no request asked for it.
    pub(super) fn page(&self) -> String {
        text(&ErrorPage { problem: self, request_id: "", typed: None, may_send: false })
    }

    /// Whether the same may go well in a moment, or after a change of what was typed.
    fn may_be_sent_again(&self) -> bool {
        let status = self.status;
        status.is_server_error()
            || [
                StatusCode::BAD_REQUEST,
                StatusCode::REQUEST_TIMEOUT,
                StatusCode::CONFLICT,
                StatusCode::PAYLOAD_TOO_LARGE,
                StatusCode::UNPROCESSABLE_ENTITY,
                StatusCode::TOO_MANY_REQUESTS,
            ]
            .contains(&status)
    }

    /// With what goes to the log and is shown to nobody.
    pub fn cause(self, cause: String) -> Self {
        Self { cause: Some(cause), ..self }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "platform/errors/page.html")]
struct ErrorPage<'a> {
    problem: &'a Problem,
    request_id: &'a str,
    /// What was typed into the form that this answers.
    typed: Option<&'a Typed>,
    /// Whether it makes sense to send it again.
    may_send: bool,
}

#[derive(Template)]
#[template(path = "platform/errors/_toast.html")]
struct ErrorToast {
    toast: Toast,
}

/// A toast that finds its own place; what the request aimed at stays as it is.
pub(super) fn toast(toast: Toast) -> Response {
    ([("hx-reswap", "none")], html(&ErrorToast { toast })).into_response()
}

/// Draws the problem of an answer, if it has one.
pub async fn draw(
    State((app, route_limits, pages)): State<(App, Arc<RouteLimits>, IdentityPages)>,
    mut request: Request,
    next: Next,
) -> Response {
    let format = Format::of(&request);
    let request_id = request.extensions().get::<RequestId>().cloned().unwrap_or_default();
    let posted = Posted::of(&mut request, &route_limits);
    let mut response = next.run(request).await;
    let fresh = response.extensions_mut().remove::<Fresh>();
    let led_away = response.extensions_mut().remove::<LedAway>();
    if let (Some(led_away), Some(posted)) = (led_away, &posted) {
        let fresh = fresh.map(|Fresh(token)| token);
        return led::answer((&app, &pages), led_away, posted, fresh, format, response).await;
    }
    let Some(problem) = problem_of(&response) else {
        return response;
    };
    // What the database could not do was told where it failed.
    if let Some(cause) = &problem.cause {
        tracing::error!(status = problem.status.as_u16(), cause, "request failed");
    }
    let (mut parts, _) = response.into_parts();
    for length_or_type in [header::CONTENT_LENGTH, header::CONTENT_TYPE] {
        parts.headers.remove(length_or_type);
    }
    let form = posted.as_ref().and_then(Posted::form);
    let (typed, token) = form.unzip();
    let is_open = posted.as_ref().is_some_and(|posted| posted.is_open);
    let may_send = is_open && (fresh.is_some() || problem.may_be_sent_again());
    let token = fresh.map(|Fresh(token)| token).or(token).unwrap_or_default();
    let drawn = csrf::draw_with(token, || {
        format.draw(&problem, &request_id.to_string(), typed.as_ref(), may_send)
    });
    (parts.status, parts.headers, drawn).into_response()
}

/// The handler's own problem, or the one that a bare error status stands for.
fn problem_of(response: &Response) -> Option<Problem> {
    if let Some(problem) = response.extensions().get::<Problem>() {
        return Some(problem.clone());
    }
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    (is_error && !is_drawn(response.headers())).then(|| Problem::of(status))
}

/// Whether the answer has a body of ours: a form that came back, or JSON.
fn is_drawn(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    content_type
        .is_some_and(|kind| kind.starts_with(b"text/html") || kind.starts_with(b"application/json"))
}

/// How whoever asked reads an answer.
#[derive(Clone, Copy)]
pub(super) enum Format {
    Page,
    Toast,
    Json,
}

impl Format {
    fn of(request: &Request) -> Self {
        let accepts_json = request.headers().get(header::ACCEPT).is_some_and(|accept| {
            accept.to_str().is_ok_and(|kinds| kinds.starts_with("application/json"))
        });
        if accepts_json || request.uri().path().starts_with("/api/") {
            Self::Json
        } else if htmx::is_htmx(request.headers()) {
            Self::Toast
        } else {
            Self::Page
        }
    }

    fn draw(
        self,
        problem: &Problem,
        request_id: &str,
        typed: Option<&Typed>,
        may_send: bool,
    ) -> Response {
        match self {
            Self::Page => html(&ErrorPage { problem, request_id, typed, may_send }),
            Self::Toast => toast(Toast::danger(format!("{}. {}", problem.title, problem.words))),
            Self::Json => Json(serde_json::json!({
                "status": problem.status.as_u16(),
                "title": problem.title,
                "detail": problem.words,
                "request_id": request_id,
            }))
            .into_response(),
        }
    }
}

fn html(template: &impl Template) -> Response {
    Html(text(template)).into_response()
}

fn text(template: &impl Template) -> String {
    template.render().unwrap_or_else(|error| {
        tracing::error!(%error, "cannot render an error page");
        "<!doctype html><title>Error</title><h1>Something went wrong</h1>".to_owned()
    })
}
