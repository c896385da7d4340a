//! What all the applications of this process log, in more detail than an operator sees by default.

use std::io::{self, Write};
use std::sync::Mutex;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Keeps the log from here on, and shows warnings to whoever looks at a test that fails.
pub fn keep() {
    let shown = fmt::layer().with_test_writer();
    let kept = fmt::layer().with_ansi(false).with_writer(|| Keeper);
    let _already_set = tracing_subscriber::registry()
        .with(shown.with_filter(EnvFilter::new("warn,tower_sessions_core=error")))
        .with(kept.with_filter(EnvFilter::new("tenantry=trace,info,tower_sessions_core=error")))
        .try_init();
}

/// Where the log ends now.
pub fn end() -> usize {
    log().len()
}

/// What was logged since it ended at `start`, by whatever test.
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
