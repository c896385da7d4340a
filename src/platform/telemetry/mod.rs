//! Logging: one line for each event, with the request that caused it, its route, and who sent it.

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

/// How many lines may wait to be written.
const WAITING: usize = 4096;

/// The default filter for a service, if `RUST_LOG` is not set.
const OF_A_SERVICE: &str = "info,sqlx=warn,tower_sessions_core=error";
/// The default filter for other commands, which report themselves what they have done.
const OF_A_COMMAND: &str = "warn,tower_sessions_core=error";

/// Keeps the log running. When dropped, it gives waiting lines a second to be written.
pub struct Log(#[expect(dead_code, reason = "it writes when it is dropped")] WorkerGuard);

/// Starts logging to standard error, for a service or another command; `RUST_LOG` chooses what is
/// logged. Another thread does the writing, so that a slow reader blocks nobody.
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
        // Colours are for a terminal; in a file they are noise.
        .with_ansi(stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        // The log itself reports lines that it could not write, once it can write again. The
        // library would print an error to standard error, and end the process if that failed, too.
        .log_internal_errors(false)
        .with_writer(to);
    match format {
        LogFormat::Text => log.with_target(false).init(),
        // The list of spans, starting with the request's, already includes the innermost one.
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
