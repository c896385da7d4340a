//! Logs: one line an event, with the id of the request that caused it.

use std::io::{Write, stderr};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use super::clock::Clock;
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

/// Lines of the log that wait for whoever reads it.
const WAITING: usize = 4096;

/// The log, as long as it is kept: dropped, it gives what still waits a second to be written.
pub struct Log(#[expect(dead_code, reason = "it writes when it is dropped")] WorkerGuard);

/// Sends the log to standard error; `RUST_LOG` chooses what is in it. A thread of its own writes it: a
/// reader that does not keep up holds up nobody.
pub fn init(format: LogFormat) -> Log {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,tower_sessions_core=error"));
    let writing = NonBlockingBuilder::default().lossy(true).buffered_lines_limit(WAITING);
    let (to, guard) = writing.finish(OneLine { to: stderr(), format });
    let _the_first = DROPPED.set(to.error_counter());
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // What cannot be written is told by the log itself, once it can be written again: the
        // library would print it to standard error, and end the process when that fails, too.
        .log_internal_errors(false)
        .with_writer(to);
    match format {
        LogFormat::Text => log.with_target(false).init(),
        // The spans stand in a list, the request's first; the innermost is not told twice.
        LogFormat::Json => log.json().flatten_event(true).with_current_span(false).init(),
    }
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(at, words = panic.payload_as_str().unwrap_or_default(), "panic");
    }));
    Log(guard)
}

/// Events that could not be written since the last one that could.
static LOST: AtomicU64 = AtomicU64::new(0);
/// How many found no place among those that wait.
static DROPPED: OnceLock<ErrorCounter> = OnceLock::new();
/// How many of these were told.
static TOLD: AtomicU64 = AtomicU64::new(0);

/// How many events were lost since the last time that somebody asked.
fn lost() -> u64 {
    let dropped = DROPPED.get().map_or(0, |dropped| dropped.dropped_lines() as u64);
    LOST.swap(0, Ordering::Relaxed) + dropped - TOLD.swap(dropped, Ordering::Relaxed)
}

/// Writes each event as one line, whatever stands in its values: a newline in a name or an error
/// begins no line that looks like one of ours. JSON has escaped its own already.
///
/// A log that cannot be written, on a full disk or to a reader who has gone away or does not keep up,
/// is no reason to stop serving: the events are counted, and the first line that is written again says
/// how many.
struct OneLine<W> {
    to: W,
    format: LogFormat,
}

impl<W: Write> Write for OneLine<W> {
    /// The subscriber hands over a whole event at once, with the newline that ends it.
    fn write(&mut self, event: &[u8]) -> std::io::Result<usize> {
        let lost = lost();
        let mut line = match lost {
            0 => Vec::with_capacity(event.len()),
            lost => lost_line(lost, self.format),
        };
        for byte in event.strip_suffix(b"\n").unwrap_or(event) {
            match byte {
                b'\n' => line.extend_from_slice(b"\\n"),
                b'\r' => line.extend_from_slice(b"\\r"),
                _ => line.push(*byte),
            }
        }
        line.push(b'\n');
        if self.to.write_all(&line).and_then(|()| self.to.flush()).is_err() {
            LOST.fetch_add(lost + 1, Ordering::Relaxed);
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Says how many events were lost. It ends the line first of which only a part was written.
fn lost_line(lost: u64, format: LogFormat) -> Vec<u8> {
    let words = "lines of the log could not be written";
    let now = Clock::System.now().rfc3339();
    let line = match format {
        LogFormat::Text => format!("\n{now}  WARN {words} lost={lost}\n"),
        LogFormat::Json => {
            let event = serde_json::json!({
                "timestamp": now, "level": "WARN", "message": words, "lost": lost,
            });
            format!("\n{event}\n")
        }
    };
    line.into_bytes()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_whatever_stands_in_it() {
        let mut log = OneLine { to: Vec::new(), format: LogFormat::Text };
        log.write_all(b"refused name=a\r\nERROR forged\n").unwrap();
        assert_eq!(log.to, b"refused name=a\\r\\nERROR forged\n");
    }
}
