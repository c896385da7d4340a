//! Logs requests: the span around everything a request does, and the line at its end.

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

/// The id of a request: it appears in the log, on error pages and in the `x-request-id` header.
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

/// The request's span, for use from any span inside it.
#[derive(Clone)]
struct Root(Span);

/// Adds the person to everything that is logged for this request from now on.
pub fn asked_by(request: &Extensions, person: UserId) {
    if let Some(Root(span)) = request.get() {
        span.record("person", display(person));
    }
}

/// Adds the organization to everything that is logged for this request from now on.
pub fn asked_in(request: &Extensions, organization: OrganizationId) {
    if let Some(Root(span)) = request.get() {
        span.record("organization", display(organization));
    }
}

/// How many characters of a method are logged: real ones are shorter, but a client may send any.
const LONGEST_METHOD: usize = 16;

fn shortened(method: &Method) -> &str {
    let method = method.as_str();
    method.get(..LONGEST_METHOD).unwrap_or(method)
}

/// Gives the request an id, and adds that, the method and the pattern of the path to everything
/// logged for it. The path itself is never logged, because it may contain a token. When the answer
/// has been sent, one line reports the result, if requests are logged or it went wrong.
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

/// The line at the end of a request. It is written on drop: the answer has been sent completely, or
/// the client is gone.
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
    /// Whether the request was refused. An incomplete form does not count.
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

/// A duration in milliseconds, as it is logged.
pub(super) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// An answer's body that counts the bytes sent.
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
