//! Output of commands: results on standard output, errors on standard error.

use std::io::{ErrorKind, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Outcome;
use crate::platform::clock::Clock;
use crate::platform::config::{LogFormat, Values};

/// Whether the log, and so messages beside it, are JSON.
static IS_JSON: AtomicBool = AtomicBool::new(false);

/// Formats messages beside the log like the log itself from now on.
pub(super) fn speak_as(values: &Values) {
    IS_JSON.store(values.log_format() == Some(LogFormat::Json), Ordering::Relaxed);
}

/// Why a message could not be written to standard output.
static LOST: OnceLock<String> = OnceLock::new();

/// Prints to standard output. A reader that has gone away, as `head` does, is not a failure; a full
/// disk is ([`lost`]).
pub(crate) fn say(words: impl std::fmt::Display) {
    let mut output = std::io::stdout();
    let words = printable(&words.to_string());
    if let Err(error) = writeln!(output, "{words}").and_then(|()| output.flush())
        && error.kind() != ErrorKind::BrokenPipe
    {
        let _the_first = LOST.set(error.to_string());
    }
}

/// Makes text safe for a terminal, because names and a backup's description come from people:
/// characters that would move the cursor or reorder text are replaced by a visible one.
fn printable(words: &str) -> String {
    let obeyed = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    words.chars().map(|c| if obeyed(c) { '\u{FFFD}' } else { c }).collect()
}

/// The error of a command that did its work but could not print its result.
pub(super) fn lost() -> Outcome {
    match LOST.get() {
        None => Ok(()),
        Some(error) => Err(format!("could not print everything: {error}").into()),
    }
}

/// Announces something about a starting service; if its log is JSON, as one event.
pub(super) fn announce(words: impl std::fmt::Display) {
    match IS_JSON.load(Ordering::Relaxed) {
        true => say(event("INFO", &words.to_string())),
        false => say(words),
    }
}

/// Prints to standard error why the command has failed.
pub(super) fn fail(words: &str) {
    match IS_JSON.load(Ordering::Relaxed) {
        true => complain(format_args!("{}\n", event("ERROR", words))),
        false => complain(format_args!("tenantry: {words}\n")),
    }
}

fn event(level: &str, words: &str) -> serde_json::Value {
    let now = Clock::System.now().rfc3339();
    serde_json::json!({ "timestamp": now, "level": level, "message": words })
}

/// Prints to standard error, if possible: the standard library's macros would panic otherwise.
pub(super) fn complain(words: std::fmt::Arguments<'_>) {
    let mut error = std::io::stderr();
    let words = printable(&words.to_string());
    let _unheard = error.write_all(words.as_bytes()).and_then(|()| error.flush());
}

/// Asks on standard error, so that the question does not mix with piped output.
pub(super) fn confirmed(question: &str) -> Outcome<bool> {
    complain(format_args!("{question} Type yes: "));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}
