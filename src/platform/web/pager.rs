//! Keyset paging: a page begins after the last row of the one before, wherever rows were added or
//! removed meanwhile, and page 1000 costs as much as page 1.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{AppError, Result};
use crate::platform::clock::{Day, Timestamp};

/// Rows on a page.
pub const PAGE_SIZE: usize = 50;

/// Which way a page lies from its cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The rows after it.
    Forward,
    /// The rows before it.
    Backward,
}

/// What a row is sorted by.
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    /// A text.
    Text(String),
    /// A number.
    Number(i64),
    /// A time.
    Time(Timestamp),
    /// A day.
    Day(Day),
}

/// The kinds of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// A text.
    Text,
    /// A number.
    Number,
    /// A time.
    Time,
    /// A day.
    Day,
}

#[derive(Serialize, Deserialize)]
enum Wire {
    T(String),
    N(i64),
    M(i64),
}

impl Key {
    /// A key to bind where there is no cursor.
    pub fn least(kind: KeyKind) -> Self {
        match kind {
            KeyKind::Text => Self::Text(String::new()),
            KeyKind::Number => Self::Number(0),
            KeyKind::Time => Self::Time(Timestamp::from_micros(0)),
            KeyKind::Day => Self::Day(Day::FIRST),
        }
    }

    /// The same where a list begins at its greatest key. Lists of texts do not.
    pub fn greatest(kind: KeyKind) -> Self {
        match kind {
            KeyKind::Text => Self::Text("\u{10FFFF}".to_owned()),
            KeyKind::Number => Self::Number(i64::MAX),
            KeyKind::Time => Self::Time(Timestamp::from_micros(200_000_000_000_000_000)),
            KeyKind::Day => Self::Day(Day::LAST),
        }
    }

    /// What kind of key it is.
    pub fn kind(&self) -> KeyKind {
        match self {
            Self::Text(_) => KeyKind::Text,
            Self::Number(_) => KeyKind::Number,
            Self::Time(_) => KeyKind::Time,
            Self::Day(_) => KeyKind::Day,
        }
    }
}

/// A place between two rows, as the URL carries it.
pub fn encode_cursor(key: &Key, id: Uuid) -> String {
    let wire = match key {
        Key::Text(text) => Wire::T(text.clone()),
        Key::Number(number) => Wire::N(*number),
        Key::Time(time) => Wire::M(time.as_micros()),
        Key::Day(day) => Wire::T(day.to_string()),
    };
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&(wire, id)).unwrap_or_default())
}

/// The place that a URL carries, when it is one for rows sorted by `kind`.
///
/// # Errors
/// [`AppError::BadRequest`] when it is not.
pub fn decode_cursor(text: &str, kind: KeyKind) -> Result<(Key, Uuid)> {
    let wrong = || AppError::BadRequest("This page of the list does not exist.".into());
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
    let (wire, id): (Wire, Uuid) = serde_json::from_slice(&bytes).map_err(|_| wrong())?;
    let key = match wire {
        Wire::T(text) if text.contains('\0') => return Err(wrong()),
        Wire::T(text) => Key::Text(text),
        Wire::N(number) => Key::Number(number),
        // Far beyond any date of ours, and within what both engines can hold.
        Wire::M(micros) if micros.unsigned_abs() > 200_000_000_000_000_000 => return Err(wrong()),
        Wire::M(micros) => Key::Time(Timestamp::from_micros(micros)),
    };
    if key.kind() == kind { Ok((key, id)) } else { Err(wrong()) }
}

/// Where a page stands: `1–50 of 312`, and the ways on from it.
#[derive(Clone, Debug, Default)]
pub struct Pager {
    /// The number of the first row, from 1.
    pub first: i64,
    /// The number of the last row.
    pub last: i64,
    /// How many rows there are in all.
    pub total: i64,
    /// The page before this one.
    pub previous: Option<String>,
    /// The page after this one.
    pub next: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_the_url_and_fits_only_its_own_order() {
        let id = Uuid::now_v7();
        let text = encode_cursor(&Key::Text("zoë".into()), id);
        assert_eq!(decode_cursor(&text, KeyKind::Text).unwrap(), (Key::Text("zoë".into()), id));
        assert!(decode_cursor(&text, KeyKind::Time).is_err());
        assert!(decode_cursor("nonsense", KeyKind::Text).is_err());
        let far = encode_cursor(&Key::Time(Timestamp::from_micros(i64::MAX)), id);
        assert!(decode_cursor(&far, KeyKind::Time).is_err());
    }
}
