//! The body of a request, read whole before anything else happens: a slow client holds a connection
//! and nothing of the database's, and no route can forget a limit.

use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::CONNECTION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::limits::{MAX_BODY_BYTES, MAX_LARGE_BODIES, Timeouts};
use super::route::Outline;
use crate::error::{AppError, Result};

/// How much of a body that is too large is read and dropped, so that its sender, who is still
/// sending, gets to read the answer.
const DROPPED_BYTES: usize = 1024 * 1024;

/// The body as it came.
#[derive(Clone, Debug)]
pub struct Whole(pub Bytes);

/// What reading bodies needs to know.
#[derive(Clone, Debug)]
pub struct Reader {
    outline: Arc<Outline>,
    timeouts: Timeouts,
    large: Arc<Semaphore>,
}

impl Reader {
    /// A reader for the routes of `outline`.
    pub fn new(outline: Arc<Outline>, timeouts: Timeouts) -> Self {
        Self { outline, timeouts, large: Arc::new(Semaphore::new(MAX_LARGE_BODIES)) }
    }

    async fn read(&self, body: Body, limit: usize) -> Result<Bytes> {
        if body.is_end_stream() {
            return Ok(Bytes::new());
        }
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        if announced > limit.saturating_add(DROPPED_BYTES) {
            return Err(AppError::TooLarge);
        }
        let _place = match limit > MAX_BODY_BYTES {
            true => Some(self.large.try_acquire().map_err(|_| AppError::Busy)?),
            false => None,
        };
        let whole = timeout(self.timeouts.body, self.parts(body, limit)).await;
        whole.map_err(|_| AppError::TooSlow)?
    }

    async fn parts(&self, body: Body, limit: usize) -> Result<Bytes> {
        let mut parts = body.into_data_stream();
        let mut whole = Vec::new();
        let mut length = 0_usize;
        loop {
            let part = timeout(self.timeouts.body_pause, parts.next()).await;
            match part.map_err(|_| AppError::TooSlow)? {
                Some(Ok(part)) => {
                    length = length.saturating_add(part.len());
                    if length <= limit {
                        whole.extend_from_slice(&part);
                    } else if length > limit.saturating_add(DROPPED_BYTES) {
                        return Err(AppError::TooLarge);
                    }
                }
                Some(Err(_)) => {
                    return Err(AppError::BadRequest("The request ended before its end.".into()));
                }
                None if length > limit => return Err(AppError::TooLarge),
                None => return Ok(whole.into()),
            }
        }
    }
}

/// Reads the body, within the limits of its route.
pub async fn read(State(reader): State<Reader>, request: Request, next: Next) -> Response {
    let limit = reader.outline.body_limit(&request);
    let (parts, body) = request.into_parts();
    match reader.read(body, limit).await {
        Ok(whole) => {
            let mut request = Request::from_parts(parts, Body::from(whole.clone()));
            request.extensions_mut().insert(Whole(whole));
            next.run(request).await
        }
        // What is left of the body would be taken for the next request.
        Err(error) => ([(CONNECTION, "close")], error).into_response(),
    }
}
