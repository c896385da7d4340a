//! What a list is sorted by.

use super::filter::query_of;
use super::{Direction, Key, KeyKind, List};

/// One way to sort a list.
pub struct Sort<L: List + ?Sized> {
    /// Its word in the address.
    pub word: &'static str,
    /// The heading of its column.
    pub label: &'static str,
    /// What kind of key its rows are sorted by.
    pub kind: KeyKind,
    /// Whether the greatest key comes first.
    pub is_descending: bool,
    /// The statement for a page behind a cursor.
    pub forward: L::Sql,
    /// The statement for a page before a cursor, which gives its rows in reverse.
    pub backward: L::Sql,
    /// What a row is sorted by.
    pub key: fn(&L::Row) -> Key,
}

impl<L: List> Sort<L> {
    /// The sort with this word; the list's first one for any other.
    pub fn from_word(word: &str) -> &'static Self {
        L::SORTS.iter().find(|sort| sort.word == word).unwrap_or(&L::SORTS[0])
    }

    /// Its word in the address, which leaves out the list's first one.
    pub fn query_word(&self) -> &'static str {
        if self.word == L::SORTS[0].word { "" } else { self.word }
    }

    /// The statement for a page that lies in this direction from its cursor.
    pub(super) fn statement(&self, direction: Direction) -> L::Sql {
        match direction {
            Direction::Forward => self.forward,
            Direction::Backward => self.backward,
        }
    }
}

/// The address of the list at `path`, filtered, sorted and at the place that is given.
pub(super) fn address<L: List>(
    path: &str,
    filter: &L::Filter,
    sort: &Sort<L>,
    cursor: Option<(&str, &str)>,
) -> String {
    format!("{path}{}", query(filter, sort, cursor))
}

/// The query string of that address.
pub(super) fn query<L: List>(
    filter: &L::Filter,
    sort: &Sort<L>,
    cursor: Option<(&str, &str)>,
) -> String {
    let more: Vec<_> = [("sort", sort.query_word())].into_iter().chain(cursor).collect();
    query_of(filter, &more)
}
