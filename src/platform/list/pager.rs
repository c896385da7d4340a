//! Keyset paging: a page begins after the last row of the one before, wherever rows were added or
//! removed meanwhile, and page 1000 costs as much as page 1.

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

    /// A key to bind where there is no cursor and a list begins at its greatest key.
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
