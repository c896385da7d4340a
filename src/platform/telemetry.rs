//! Logs: one line an event, with the id of the request that caused it.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;
use tracing_subscriber::EnvFilter;

use super::ids::RequestId as Id;
use crate::config::LogFormat;

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

/// Sends the log to standard error; `RUST_LOG` chooses what is in it.
pub fn init(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,tower_sessions_core=error"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.with_target(false).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}

/// Gives the request its id and puts it on everything that is logged for it.
pub async fn trace(mut request: Request, next: Next) -> Response {
    let id = Id::new();
    let span = tracing::info_span!("request", %id, method = %request.method());
    request.extensions_mut().insert(RequestId(Some(id)));
    let mut response = next.run(request).instrument(span).await;
    if let Ok(id) = HeaderValue::try_from(id.to_string()) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    response
}
