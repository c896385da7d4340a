//! How much a client may send and how long it may take: the numbers in `docs/operating.md`.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::platform::db::fault::Outage;
use crate::platform::error::AppError;

/// The largest body, in bytes, unless its route takes more: a form with a long message and a
/// hundred addresses.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// The largest head of a request, in bytes: its first line and its headers.
pub const MAX_HEAD_BYTES: usize = 64 * 1024;

/// The largest number of headers.
pub const MAX_HEADERS: usize = 100;

/// How many bodies over [`MAX_BODY_BYTES`] are accepted at once: they are kept in memory.
pub const MAX_LARGE_BODIES: usize = 16;

/// How long a client may take. Tests use shorter times.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For the head of a request, from its first byte; on a new connection, also until that byte.
    pub head: Duration,
    /// Between two parts of a body.
    pub body_pause: Duration,
    /// For the whole body.
    pub body: Duration,
    /// For the answer, once the body has arrived.
    pub answer: Duration,
    /// Between two requests of a connection, and while a client does not read its answer.
    pub idle: Duration,
    /// For requests that are running when the service is asked to stop.
    pub stop: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body_pause: Duration::from_secs(10),
            body: Duration::from_secs(30),
            answer: Duration::from_secs(60),
            idle: Duration::from_secs(60),
            stop: Duration::from_secs(20),
        }
    }
}

/// Answers 503 if a handler takes longer than [`Timeouts::answer`]. Its uncommitted changes are
/// rolled back.
pub async fn answer(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    tokio::time::timeout(limit, next.run(request)).await.unwrap_or_else(|_| {
        tracing::warn!("no answer in time");
        AppError::Outage(Outage::Away).into_response()
    })
}

/// Refuses a head that is too long. The HTTP library's own limit applies to its buffer and is
/// inexact.
pub async fn head(request: Request, next: Next) -> Response {
    let headers = request.headers().iter();
    let length: usize = headers.map(|(name, value)| name.as_str().len() + value.len()).sum();
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if length + target > MAX_HEAD_BYTES {
        return StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response();
    }
    next.run(request).await
}
