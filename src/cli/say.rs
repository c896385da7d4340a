//! What commands say: on standard output what was asked for, on standard error what went wrong.

use std::io::{ErrorKind, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Outcome;
use crate::platform::clock::Clock;
use crate::platform::config::{LogFormat, Values};

/// Whether the log is written as JSON, and with it what is said beside the log.
static IS_JSON: AtomicBool = AtomicBool::new(false);

/// From here on, words beside the log are JSON where the log is.
pub(super) fn speak_as(values: &Values) {
    IS_JSON.store(values.log_format() == Some(LogFormat::Json), Ordering::Relaxed);
}

/// Why something that was said is not where standard output leads.
static LOST: OnceLock<String> = OnceLock::new();

/// Says something on standard output. A reader who has seen enough and has gone away, as `head` does, is
/// no failure; a full disk is one ([`lost`]).
pub(crate) fn say(words: impl std::fmt::Display) {
    let mut output = std::io::stdout();
    let words = printable(&words.to_string());
    if let Err(error) = writeln!(output, "{words}").and_then(|()| output.flush())
        && error.kind() != ErrorKind::BrokenPipe
    {
        let _the_first = LOST.set(error.to_string());
    }
}

/// Names and a backup's words about itself come from people, and a terminal obeys what it is sent: what
/// would move its cursor or turn the writing around is shown as a sign instead.
fn printable(words: &str) -> String {
    let obeyed = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    words.chars().map(|c| if obeyed(c) { '\u{FFFD}' } else { c }).collect()
}

/// Why the command has failed although it did its work: what it said could not be written.
pub(super) fn lost() -> Outcome {
    match LOST.get() {
        None => Ok(()),
        Some(error) => Err(format!("could not print everything: {error}").into()),
    }
}

/// Says something about a service that starts: one event in JSON, where its log is.
pub(super) fn announce(words: impl std::fmt::Display) {
    match IS_JSON.load(Ordering::Relaxed) {
        true => say(event("INFO", &words.to_string())),
        false => say(words),
    }
}

/// Says on standard error why the command has failed.
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

/// Says something on standard error, if that can be written: macros of the standard library would
/// end the process.
pub(super) fn complain(words: std::fmt::Arguments<'_>) {
    let mut error = std::io::stderr();
    let words = printable(&words.to_string());
    let _unheard = error.write_all(words.as_bytes()).and_then(|()| error.flush());
}

/// Asks on standard error, where it does not mix with what is piped on.
pub(super) fn confirmed(question: &str) -> Outcome<bool> {
    complain(format_args!("{question} Type yes: "));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}
