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
pub struct RequestId(String);

impl RequestId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
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
    let id = Id::new().to_string();
    let span = tracing::info_span!("request", id, method = %request.method());
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).instrument(span).await;
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    response
}
