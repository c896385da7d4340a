//! Writes each event as one line. The next line that can be written reports the lost ones.

use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing_appender::non_blocking::ErrorCounter;

use crate::platform::clock::Clock;
use crate::platform::config::LogFormat;

/// The number of events that could not be written since the last one that could.
static LOST: AtomicU64 = AtomicU64::new(0);
/// Counts the events dropped because the queue was full.
pub(super) static DROPPED: OnceLock<ErrorCounter> = OnceLock::new();
/// How many of the dropped events have been reported.
static TOLD: AtomicU64 = AtomicU64::new(0);

/// The number of events lost since the last call.
fn lost() -> u64 {
    let dropped = DROPPED.get().map_or(0, |dropped| dropped.dropped_lines() as u64);
    LOST.swap(0, Ordering::Relaxed) + dropped - TOLD.swap(dropped, Ordering::Relaxed)
}

/// Writes each event as one line, whatever its values contain: a newline in a name or an error
/// cannot start a line that looks like one of ours. JSON has escaped its newlines already.
///
/// A log that cannot be written, because the disk is full or the reader is gone or too slow, is no
/// reason to stop serving. Lost events are counted, and the next line that is written reports how
/// many.
pub(super) struct OneLine<W> {
    pub to: W,
    pub format: LogFormat,
}

impl<W: Write> Write for OneLine<W> {
    /// The subscriber passes a whole event at once, with its final newline.
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

/// A line that reports the number of lost events. It starts by ending a line that was only partly
/// written.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_whatever_it_contains() {
        let mut log = OneLine { to: Vec::new(), format: LogFormat::Text };
        log.write_all(b"refused name=a\r\nERROR forged\n").unwrap();
        assert_eq!(log.to, b"refused name=a\\r\\nERROR forged\n");
    }
}
