//! The sort orders of a list.

use super::filter::query_of;
use super::{Direction, Key, KeyKind, List};

/// A sort order of a list.
pub struct Sort<L: List + ?Sized> {
    /// Its word in the address.
    pub word: &'static str,
    /// The heading of its column.
    pub label: &'static str,
    /// The kind of its keys.
    pub kind: KeyKind,
    /// Whether the greatest key comes first.
    pub is_descending: bool,
    /// The statement for a page after a cursor.
    pub forward: L::Sql,
    /// The statement for a page before a cursor, which returns its rows in reverse.
    pub backward: L::Sql,
    /// A row's key in this order.
    pub key: fn(&L::Row) -> Key,
}

impl<L: List> Sort<L> {
    /// The order with this word, or the list's default.
    pub fn from_word(word: &str) -> &'static Self {
        L::SORTS.iter().find(|sort| sort.word == word).unwrap_or(&L::SORTS[0])
    }

    /// Its word in the address; empty for the default.
    pub fn query_word(&self) -> &'static str {
        if self.word == L::SORTS[0].word { "" } else { self.word }
    }

    /// The statement for a page in this direction from its cursor.
    pub(super) fn statement(&self, direction: Direction) -> L::Sql {
        match direction {
            Direction::Forward => self.forward,
            Direction::Backward => self.backward,
        }
    }
}

/// The address of the list at `path` with this filter, order and position.
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
