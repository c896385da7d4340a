//! The log of all applications in this process, in more detail than an operator's default.

use std::io::{self, Write};
use std::sync::Mutex;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Keeps the log from now on, and prints warnings for a test that fails.
pub fn keep() {
    let shown = fmt::layer().with_test_writer();
    let kept = fmt::layer().with_ansi(false).with_writer(|| Keeper);
    let _already_set = tracing_subscriber::registry()
        .with(shown.with_filter(EnvFilter::new("warn,tower_sessions_core=error")))
        .with(kept.with_filter(EnvFilter::new("tenantry=trace,info,tower_sessions_core=error")))
        .try_init();
}

/// The current end of the log.
pub fn end() -> usize {
    log().len()
}

/// What was logged after `start`, by any test.
pub fn since(start: usize) -> Vec<u8> {
    log()[start..].to_vec()
}

fn log() -> std::sync::MutexGuard<'static, Vec<u8>> {
    LOG.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

struct Keeper;

impl Write for Keeper {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        log().extend_from_slice(event);
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
