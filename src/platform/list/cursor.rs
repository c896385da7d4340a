//! A position in a list's order, as the URL contains it, and the pager below the list.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::pager::{Direction, Key, KeyKind, PAGE_SIZE, Pager};
use crate::platform::clock::{Day, Timestamp};
use crate::platform::db::Query;
use crate::platform::error::{AppError, Result};

/// Where a page begins: at the start, or after or before a row named in the URL.
#[derive(Clone, Debug)]
pub struct Cursor {
    /// On which side of that row the page is.
    pub direction: Direction,
    mark: Option<Mark>,
    kind: KeyKind,
}

/// A row, identified by key and id, with its number in the list. The number is only for display,
/// and can be off if rows were added or removed meanwhile.
#[derive(Clone, Debug)]
struct Mark {
    key: Key,
    id: Uuid,
    number: i64,
}

#[derive(Serialize, Deserialize)]
enum Wire {
    T(String),
    N(i64),
    M(i64),
    D(Day),
}

impl Cursor {
    /// Parses the position in `after` or `before`, in an order by keys of `kind`.
    ///
    /// # Errors
    /// [`AppError::BadRequest`] when it is not a valid position.
    pub fn parse(after: &str, before: &str, kind: KeyKind) -> Result<Self> {
        let (direction, text) = match before {
            "" => (Direction::Forward, after),
            before => (Direction::Backward, before),
        };
        let mark = match text {
            "" => None,
            text => Some(Mark::decode(text, kind)?),
        };
        Ok(Self { direction, mark, kind })
    }

    /// The start of a list ordered by keys of `kind`.
    pub fn start(kind: KeyKind) -> Self {
        Self { direction: Direction::Forward, mark: None, kind }
    }

    /// The position after the row with this key and id.
    pub fn behind(key: Key, id: Uuid) -> Self {
        let kind = key.kind();
        Self { direction: Direction::Forward, mark: Some(Mark { key, id, number: 0 }), kind }
    }

    /// Whether it is the position of a row, after which there may be no more rows.
    pub fn is_inside(&self) -> bool {
        self.mark.is_some()
    }

    /// The key of its row, in an order by numbers.
    pub fn number(&self) -> Option<i64> {
        match self.mark {
            Some(Mark { key: Key::Number(number), .. }) => Some(number),
            _ => None,
        }
    }

    /// Binds the key and id beyond which the page is; `descending` says how the list is ordered.
    pub fn bind<'q>(&self, query: Query<'q>, descending: bool) -> Query<'q> {
        let (key, id) = match &self.mark {
            Some(cursor) => (cursor.key.clone(), cursor.id),
            None if descending => (Key::greatest(self.kind), Uuid::max()),
            None => (Key::least(self.kind), Uuid::nil()),
        };
        match key {
            Key::Text(text) => query.bind(text),
            Key::Number(number) => query.bind(number),
            Key::Time(time) => query.bind(time),
            Key::Day(day) => query.bind(day),
        }
        .bind(id)
    }

    /// Its name and value in the URL; `None` at the start.
    pub(super) fn pair(&self) -> Option<(&'static str, String)> {
        let way = match self.direction {
            Direction::Forward => "after",
            Direction::Backward => "before",
        };
        Some((way, self.mark.as_ref()?.encode()))
    }

    /// The number of rows to read: one more than is shown, to find out whether there is another
    /// page.
    pub fn limit(&self) -> i64 {
        PAGE_SIZE as i64 + 1
    }

    /// Puts the rows into display order, and builds the pager for them among `total` rows. `key`
    /// gives a row's sort key and id, `path` the address of a position.
    pub fn paginate<R>(
        &self,
        rows: &mut Vec<R>,
        total: i64,
        key: impl Fn(&R) -> (Key, Uuid),
        path: impl Fn(Option<(&str, &str)>) -> String,
    ) -> Pager {
        let has_more = rows.len() > PAGE_SIZE;
        rows.truncate(PAGE_SIZE);
        let count = rows.len() as i64;
        let number = self.mark.as_ref().map(|cursor| cursor.number);
        let (first, has_previous, has_next) = match self.direction {
            Direction::Forward => (number.unwrap_or(0) + 1, number.is_some(), has_more),
            Direction::Backward => {
                rows.reverse();
                let first = if has_more { number.unwrap_or(1) - count } else { 1 };
                (first.max(1), has_more, true)
            }
        };
        let last = first + count - 1;
        let link = |row: Option<&R>, number: i64, word| {
            let (key, id) = key(row?);
            Some(path(Some((word, &Mark { key, id, number }.encode()))))
        };
        Pager {
            first: first.min(total),
            last: last.max(0),
            total: total.max(last),
            previous: link(rows.first().filter(|_| has_previous), first, "before"),
            next: link(rows.last().filter(|_| has_next), last, "after"),
        }
    }
}

impl Mark {
    fn encode(&self) -> String {
        let wire = match &self.key {
            Key::Text(text) => Wire::T(text.clone()),
            Key::Number(number) => Wire::N(*number),
            Key::Time(time) => Wire::M(time.as_micros()),
            Key::Day(day) => Wire::D(*day),
        };
        let parts = (wire, self.id, self.number);
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&parts).unwrap_or_default())
    }

    fn decode(text: &str, kind: KeyKind) -> Result<Self> {
        let wrong = || AppError::BadRequest("This page of the list doesn't exist.".into());
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
        let (wire, id, number): (Wire, Uuid, i64) =
            serde_json::from_slice(&bytes).map_err(|_| wrong())?;
        let key = match wire {
            Wire::T(text) if text.contains('\0') => return Err(wrong()),
            Wire::T(text) => Key::Text(text),
            Wire::N(number) => Key::Number(number),
            // Far beyond any of our dates, and within what both engines can store.
            Wire::M(micros) if micros.unsigned_abs() > 200_000_000_000_000_000 => {
                return Err(wrong());
            }
            Wire::M(micros) => Key::Time(Timestamp::from_micros(micros)),
            Wire::D(day) => Key::Day(day),
        };
        let is_sane = key.kind() == kind && (0..1_000_000_000).contains(&number);
        if is_sane { Ok(Self { key, id, number }) } else { Err(wrong()) }
    }
}

/// The query string of a list's address, without empty values and defaults.
pub fn query_string<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    let query = query.finish();
    if query.is_empty() { query } else { format!("?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(place: &Cursor, rows: std::ops::Range<i64>) -> (Vec<i64>, Pager) {
        let mut rows: Vec<i64> = rows.collect();
        let key = |row: &i64| (Key::Number(*row), Uuid::nil());
        let path = |at: Option<(&str, &str)>| {
            at.map(|(word, cursor)| format!("{word}={cursor}")).unwrap_or_default()
        };
        let pager = place.paginate(&mut rows, 120, key, path);
        (rows, pager)
    }

    #[test]
    fn pages_are_numbered_on_the_way_there_and_back() {
        let start = Cursor::parse("", "", KeyKind::Number).unwrap();
        let (_, first) = page(&start, 0..51);
        assert_eq!((first.first, first.last, first.previous), (1, 50, None));
        let next = first.next.unwrap();
        let second = Cursor::parse(next.strip_prefix("after=").unwrap(), "", KeyKind::Number);
        let (_, second) = page(&second.unwrap(), 50..101);
        assert_eq!((second.first, second.last), (51, 100));
        let back = second.previous.unwrap();
        let back = Cursor::parse("", back.strip_prefix("before=").unwrap(), KeyKind::Number);
        let (_, back) = page(&back.unwrap(), 0..50);
        assert_eq!((back.first, back.last, back.previous), (1, 50, None));
    }

    #[test]
    fn a_cursor_fits_only_its_own_order() {
        let key = Key::Text("zoë".into());
        let text = Mark { key, id: Uuid::nil(), number: 7 }.encode();
        assert!(Cursor::parse(&text, "", KeyKind::Text).is_ok());
        assert!(Cursor::parse(&text, "", KeyKind::Day).is_err());
        assert!(Cursor::parse("nonsense", "", KeyKind::Text).is_err());
        let key = Key::Time(Timestamp::from_micros(i64::MAX));
        let far = Mark { key, id: Uuid::nil(), number: 7 }.encode();
        assert!(Cursor::parse(&far, "", KeyKind::Time).is_err());
    }
}
