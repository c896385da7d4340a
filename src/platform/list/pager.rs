//! Keyset paging: a page begins after the last row of the previous one, whatever rows were added or
//! removed meanwhile, and page 1000 costs as much as page 1.

use crate::platform::clock::{Day, Timestamp};

/// The number of rows on a page.
pub const PAGE_SIZE: usize = 50;

/// On which side of its cursor a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The rows after it.
    Forward,
    /// The rows before it.
    Backward,
}

/// A row's sort key.
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
    /// The key to bind if there is no cursor in an ascending order.
    pub fn least(kind: KeyKind) -> Self {
        match kind {
            KeyKind::Text => Self::Text(String::new()),
            KeyKind::Number => Self::Number(0),
            KeyKind::Time => Self::Time(Timestamp::from_micros(0)),
            KeyKind::Day => Self::Day(Day::FIRST),
        }
    }

    /// The key to bind if there is no cursor in a descending order.
    pub fn greatest(kind: KeyKind) -> Self {
        match kind {
            KeyKind::Text => Self::Text("\u{10FFFF}".to_owned()),
            KeyKind::Number => Self::Number(i64::MAX),
            KeyKind::Time => Self::Time(Timestamp::from_micros(200_000_000_000_000_000)),
            KeyKind::Day => Self::Day(Day::LAST),
        }
    }

    /// The kind of this key.
    pub fn kind(&self) -> KeyKind {
        match self {
            Self::Text(_) => KeyKind::Text,
            Self::Number(_) => KeyKind::Number,
            Self::Time(_) => KeyKind::Time,
            Self::Day(_) => KeyKind::Day,
        }
    }
}

/// The position of a page, as in `1–50 of 312`, and its neighbours.
#[derive(Clone, Debug, Default)]
pub struct Pager {
    /// The number of the first row, from 1.
    pub first: i64,
    /// The number of the last row.
    pub last: i64,
    /// The total number of rows.
    pub total: i64,
    /// The address of the previous page.
    pub previous: Option<String>,
    /// The address of the next page.
    pub next: Option<String>,
}
