//! Answers to input that never becomes a request: bytes that are not HTTP, and connections beyond
//! the limit. They have the same words and headers as every other answer, but pass no middleware.

use axum::http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};

use super::headers;
use super::problem::Problem;
use crate::platform::App;

/// The statuses of the answers that the HTTP library sends itself when it cannot parse a head.
const UNREADABLE: [StatusCode; 3] = [
    StatusCode::BAD_REQUEST,
    StatusCode::URI_TOO_LONG,
    StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
];

/// The answers, ready to send.
#[derive(Debug)]
pub struct BareAnswers {
    full: Vec<u8>,
    unreadable: [(String, Vec<u8>); 3],
}

impl BareAnswers {
    /// Renders the answers of `app`.
    pub fn new(app: &App) -> Self {
        Self {
            full: answer(app, StatusCode::SERVICE_UNAVAILABLE),
            unreadable: UNREADABLE.map(|status| (status_line(status), answer(app, status))),
        }
    }

    /// The answer to a connection beyond the limit.
    pub fn full(&self) -> &[u8] {
        &self.full
    }

    /// The answer to send instead of `bytes`, if these are one that the HTTP library sends itself:
    /// one of its status lines, no headers with information, and no body.
    pub fn instead_of(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (head, rest) = text.split_once("\r\n\r\n")?;
        let (line, lines) = head.split_once("\r\n")?;
        let says_nothing = |header: &str| {
            header == "content-length: 0"
                || header == "connection: close"
                || header.starts_with("date: ")
        };
        if !rest.is_empty() || !lines.split("\r\n").all(says_nothing) {
            return None;
        }
        let known = self.unreadable.iter().find(|(known, _)| known == line);
        let date = lines.split("\r\n").find(|header| header.starts_with("date: "));
        let (head, rest) = known?.1.split_at(line.len() + 2);
        let date = date.map(|date| format!("{date}\r\n")).unwrap_or_default();
        Some([head, date.as_bytes(), rest].concat())
    }
}

fn status_line(status: StatusCode) -> String {
    format!("HTTP/1.1 {} {}", status.as_str(), status.canonical_reason().unwrap_or_default())
}

fn answer(app: &App, status: StatusCode) -> Vec<u8> {
    let page = Problem::of(status).page();
    let mut all = HeaderMap::new();
    headers::add(&mut all, app, false);
    all.insert(CONNECTION, HeaderValue::from_static("close"));
    all.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    all.insert(CONTENT_LENGTH, HeaderValue::from(page.len()));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        all.insert(RETRY_AFTER, HeaderValue::from_static("2"));
    }
    let mut bytes = format!("{}\r\n", status_line(status)).into_bytes();
    for (name, value) in &all {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    [&bytes, &b"\r\n"[..], page.as_bytes()].concat()
}
