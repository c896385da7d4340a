//! A request in the log: the span that everything of it is told in, and the line at its end.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Extensions, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use tracing::field::{Empty, display};
use tracing::{Instrument, Span};

use crate::platform::App;
use crate::platform::config::LogRequests;
use crate::platform::ids::{OrganizationId, RequestId as Id, UserId};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names one request in the log, on error pages and in the answer's `x-request-id`.
#[derive(Clone, Debug, Default)]
pub struct RequestId(Option<Id>);

impl RequestId {
    /// The id.
    pub fn id(&self) -> Option<Id> {
        self.0
    }
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.map_or(Ok(()), |id| id.fmt(f))
    }
}

/// The span of a request, wherever inside it somebody looks.
#[derive(Clone)]
struct Root(Span);

/// Says who asks, on all that is logged for this request from now on.
pub fn asked_by(request: &Extensions, person: UserId) {
    if let Some(Root(span)) = request.get() {
        span.record("person", display(person));
    }
}

/// Says in which organization, on all that is logged for this request from now on.
pub fn asked_in(request: &Extensions, organization: OrganizationId) {
    if let Some(Root(span)) = request.get() {
        span.record("organization", display(organization));
    }
}

/// Characters of a method that are told: those that exist are shorter, and a client may send any.
const LONGEST_METHOD: usize = 16;

fn shortened(method: &Method) -> &str {
    let method = method.as_str();
    method.get(..LONGEST_METHOD).unwrap_or(method)
}

/// Gives the request its id, and has everything that is logged for it carry that, its method and the
/// pattern of its path, but never the path itself, in which a token may stand. When the last byte of
/// the answer is on its way, a line tells what came of it, if that is asked for or went wrong.
pub async fn trace(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = Id::new();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let span = tracing::info_span!(
        "request",
        %id,
        method = shortened(request.method()),
        route = route.as_deref().unwrap_or("none"),
        person = Empty,
        organization = Empty,
    );
    request.extensions_mut().insert(RequestId(Some(id)));
    request.extensions_mut().insert(Root(span.clone()));
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Ok(id) = HeaderValue::try_from(id.to_string()) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    let end = End {
        span,
        begun,
        status: response.status(),
        has_route: route.is_some(),
        bytes: 0,
        requests: app.config.log_requests,
        slow: app.config.log_slow_requests,
    };
    response.map(|body| Body::new(Counted { body, end }))
}

/// The line at the end of a request, written when it is dropped: then the answer has gone out whole,
/// or its client has gone away.
struct End {
    span: Span,
    begun: Instant,
    status: StatusCode,
    has_route: bool,
    bytes: u64,
    requests: LogRequests,
    slow: Option<Duration>,
}

impl End {
    /// Whether somebody was kept from something that is there; what a form lacks is none.
    fn is_refusal(&self) -> bool {
        match self.status {
            StatusCode::NOT_FOUND => self.has_route,
            StatusCode::BAD_REQUEST
            | StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::REQUEST_TIMEOUT
            | StatusCode::GONE
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
            | StatusCode::MISDIRECTED_REQUEST
            | StatusCode::TOO_MANY_REQUESTS
            | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => true,
            _ => false,
        }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        let took = self.begun.elapsed();
        let (status, ms, bytes) = (self.status.as_u16(), milliseconds(took), self.bytes);
        let _inside = self.span.enter();
        if self.status.is_server_error() {
            tracing::warn!(status, ms, bytes, "failed");
        } else if self.slow.is_some_and(|slow| took >= slow) {
            tracing::warn!(status, ms, bytes, "answered slowly");
        } else if self.is_refusal() {
            tracing::info!(status, ms, bytes, "refused");
        } else if self.requests == LogRequests::All {
            tracing::info!(status, ms, bytes, "answered");
        }
    }
}

/// A time as the log tells it.
pub(super) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// An answer's body, whose bytes are counted.
struct Counted {
    body: Body,
    end: End,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            self.end.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}
