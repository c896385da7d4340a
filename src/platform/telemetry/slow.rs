//! Logs slow database statements.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::request::milliseconds;

/// From which duration on a statement is logged; unset where logging is not set up, as in tests.
static LIMIT: OnceLock<Option<Duration>> = OnceLock::new();

/// How many characters of a statement are logged: enough to find it in the source.
const SHOWN: usize = 300;

pub(super) fn init(limit: Option<Duration>) {
    let _the_first = LIMIT.set(limit);
}

/// A running statement. On drop, it logs itself if it was slow.
pub(in crate::platform) struct Statement {
    text: &'static str,
    since: Option<(Instant, Duration)>,
}

impl Statement {
    /// Starts timing a statement. Its text contains no values.
    pub fn begins(text: &'static str) -> Self {
        let limit = LIMIT.get().copied().flatten();
        Self { text, since: limit.map(|limit| (Instant::now(), limit)) }
    }
}

impl Drop for Statement {
    fn drop(&mut self) {
        let Some((since, limit)) = self.since else { return };
        let took = since.elapsed();
        if took >= limit {
            let words: Vec<&str> = self.text.split_whitespace().collect();
            let statement: String = words.join(" ").chars().take(SHOWN).collect();
            tracing::warn!(statement, ms = milliseconds(took), "a slow statement");
        }
    }
}
