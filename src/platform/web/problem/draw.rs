//! Renders the problem of an answer in the client's format: as a page, a toast or JSON.

use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use super::Problem;
use crate::platform::App;
use crate::platform::error::LedAway;
use crate::platform::telemetry::RequestId;
use crate::platform::web::csrf::{self, Fresh};
use crate::platform::web::frame::Frame;
use crate::platform::web::htmx;
use crate::platform::web::led::{self, IdentityPages};
use crate::platform::web::route::RouteLimits;
use crate::platform::web::shell::{Shell, Toast};
use crate::platform::web::typed::{Posted, Typed};

#[derive(Template)]
#[template(path = "platform/errors/page.html")]
struct ErrorPage<'a> {
    problem: &'a Problem,
    request_id: &'a str,
    /// What was typed into the refused form.
    typed: Option<&'a Typed>,
    /// Whether it makes sense to send it again.
    may_send: bool,
}

/// The page of a problem inside the frame of the pages that the person can open.
#[derive(Template)]
#[template(path = "platform/errors/framed.html")]
struct FramedPage<'a> {
    shell: Shell,
    problem: &'a Problem,
    request_id: &'a str,
    typed: Option<&'a Typed>,
    may_send: bool,
}

impl Problem {
    /// The page of a problem that no request caused.
    pub(in crate::platform::web) fn page(&self) -> String {
        text(&ErrorPage { problem: self, request_id: "", typed: None, may_send: false })
    }
}

#[derive(Template)]
#[template(path = "platform/errors/_toast.html")]
struct ErrorToast {
    toast: Toast,
}

/// An answer that only shows a toast, and leaves htmx's target unchanged.
pub(in crate::platform::web) fn toast(toast: Toast) -> Response {
    ([("hx-reswap", "none")], html(&ErrorToast { toast })).into_response()
}

/// Renders the problem of an answer, if it has one.
pub async fn draw(
    State((app, route_limits, pages)): State<(App, Arc<RouteLimits>, IdentityPages)>,
    mut request: Request,
    next: Next,
) -> Response {
    let format = Format::of(&request);
    let request_id = request.extensions().get::<RequestId>().cloned().unwrap_or_default();
    let posted = Posted::of(&mut request, &route_limits);
    let frame = Frame::default();
    request.extensions_mut().insert(frame.clone());
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
    // Outages of the database were logged where they occurred; they have no cause here.
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
    let (shell, own) = frame.take().map(|framed| (framed.shell, framed.token)).unzip();
    let token = fresh.map(|Fresh(token)| token).or(own).or(token).unwrap_or_default();
    let drawn = csrf::draw_with(token, || {
        format.draw(&problem, shell, &request_id.to_string(), typed.as_ref(), may_send)
    });
    (parts.status, parts.headers, drawn).into_response()
}

/// The handler's own problem, or the general one for a bare error status.
fn problem_of(response: &Response) -> Option<Problem> {
    if let Some(problem) = response.extensions().get::<Problem>() {
        return Some(problem.clone());
    }
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    (is_error && !is_drawn(response.headers())).then(|| Problem::of(status))
}

/// Whether the answer has a body of ours: a form with errors, or JSON.
fn is_drawn(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    content_type
        .is_some_and(|kind| kind.starts_with(b"text/html") || kind.starts_with(b"application/json"))
}

/// The format of an answer for its client.
#[derive(Clone, Copy)]
pub(in crate::platform::web) enum Format {
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
        shell: Option<Shell>,
        request_id: &str,
        typed: Option<&Typed>,
        may_send: bool,
    ) -> Response {
        match (self, shell) {
            (Self::Page, Some(shell)) => {
                html(&FramedPage { shell, problem, request_id, typed, may_send })
            }
            (Self::Page, None) => html(&ErrorPage { problem, request_id, typed, may_send }),
            (Self::Toast, _) => {
                toast(Toast::danger(format!("{}. {}", problem.title, problem.words)))
            }
            (Self::Json, _) => Json(serde_json::json!({
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
