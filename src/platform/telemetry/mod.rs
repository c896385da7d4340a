//! Logs: one line an event, with the request that caused it, where that leads, and who asks.

mod line;
mod request;
mod slow;

use std::io::{IsTerminal, stderr};

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use crate::platform::config::{Config, LogFormat};
use line::OneLine;

pub use request::{RequestId, asked_by, asked_in, trace};
pub(in crate::platform) use slow::Statement;

/// Lines of the log that wait for whoever reads it.
const WAITING: usize = 4096;

/// What is in the log of a service unless `RUST_LOG` says otherwise.
const OF_A_SERVICE: &str = "info,sqlx=warn,tower_sessions_core=error";
/// And of a command, which says itself what it has done.
const OF_A_COMMAND: &str = "warn,tower_sessions_core=error";

/// The log, as long as it is kept: dropped, it gives what still waits a second to be written.
pub struct Log(#[expect(dead_code, reason = "it writes when it is dropped")] WorkerGuard);

/// Sends the log of a service, or of another command, to standard error; `RUST_LOG` chooses what is in
/// it. A thread of its own writes it: a reader that does not keep up holds up nobody.
pub fn init(config: &Config, is_service: bool) -> Log {
    let usual = if is_service { OF_A_SERVICE } else { OF_A_COMMAND };
    let chosen = std::env::var("RUST_LOG").ok().filter(|chosen| !chosen.is_empty());
    let (filter, wrong) = match chosen.as_deref().map(EnvFilter::try_new) {
        None => (EnvFilter::new(usual), None),
        Some(Ok(filter)) => (filter, None),
        Some(Err(error)) => (EnvFilter::new(usual), Some(error)),
    };
    let format = config.log_format;
    let writing = NonBlockingBuilder::default().lossy(true).buffered_lines_limit(WAITING);
    let (to, guard) = writing.finish(OneLine { to: stderr(), format });
    let _the_first = line::DROPPED.set(to.error_counter());
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // Colours are for people who look on; in a file they stand in the way.
        .with_ansi(stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        // What cannot be written is told by the log itself, once it can be written again: the
        // library would print it to standard error, and end the process when that fails, too.
        .log_internal_errors(false)
        .with_writer(to);
    match format {
        LogFormat::Text => log.with_target(false).init(),
        // The spans stand in a list, the request's first; the innermost is not told twice.
        LogFormat::Json => log.json().flatten_event(true).with_current_span(false).init(),
    }
    slow::init(config.log_slow_statements);
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(at, words = panic.payload_as_str().unwrap_or_default(), "panic");
    }));
    if let (Some(chosen), Some(error)) = (chosen, wrong) {
        tracing::warn!(chosen, %error, usual, "RUST_LOG is invalid and is ignored");
    }
    Log(guard)
}
