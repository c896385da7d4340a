//! A page of a list, for its template.

use std::borrow::Borrow;

use super::filter::pairs;
use super::sort::{address, query};
use super::{Cursor, List, Pager, Sort};
use crate::platform::error::Result;

/// A page of the list `L`. `R` is the type of its rows, if the page shows them in another form.
pub struct View<L: List, R = <L as List>::Row> {
    /// The rows.
    pub rows: Vec<R>,
    /// The position of the page.
    pub pager: Pager,
    /// The filter.
    pub filter: L::Filter,
    /// The list's path.
    pub path: String,
    pub(super) cursor: Cursor,
    pub(super) sort: &'static Sort<L>,
}

/// A column heading that sorts the list.
pub struct Heading {
    /// Its text.
    pub label: &'static str,
    /// `ascending`, `descending` or `none`, for `aria-sort`.
    pub direction: &'static str,
    /// The address of the list in this order.
    pub path: String,
}

impl<L: List, R> View<L, R> {
    /// The heading that sorts by `word`.
    ///
    /// # Panics
    /// When the list has no such order: the template is wrong.
    pub fn heading(&self, word: &str) -> Heading {
        let sort = L::SORTS.iter().find(|sort| sort.word == word);
        self.heading_of(sort.unwrap_or_else(|| unreachable!("no list is sorted by {word}")))
    }

    /// The headings for all sort orders.
    pub fn headings(&self) -> impl Iterator<Item = Heading> {
        L::SORTS.iter().map(|sort| self.heading_of(sort))
    }

    fn heading_of(&self, sort: &'static Sort<L>) -> Heading {
        let direction = match (sort.word == self.sort.word, sort.is_descending) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        };
        let path = address(&self.path, &self.filter, sort, None);
        Heading { label: sort.label, direction, path }
    }

    /// The word of the sort order, for the filter form, which keeps it; empty for the default.
    pub fn sort_word(&self) -> &'static str {
        self.sort.query_word()
    }

    /// Whether the list is filtered.
    pub fn is_filtered(&self) -> bool {
        !pairs(&self.filter).is_empty()
    }

    /// How many filters are set besides the search.
    pub fn filter_count(&self) -> usize {
        let is_filter = |name: &str| !["q", "show", "view", "month", "choose"].contains(&name);
        pairs(&self.filter).iter().filter(|(name, _)| is_filter(name)).count()
    }

    /// The query string of the page, without its position.
    pub fn query(&self) -> String {
        query(&self.filter, self.sort, None)
    }

    /// The address of this page.
    pub fn here(&self) -> String {
        let cursor = self.cursor.pair();
        let cursor = cursor.as_ref().map(|(way, at)| (*way, at.as_str()));
        address(&self.path, &self.filter, self.sort, cursor)
    }

    /// The address of the first page with another filter, in this order.
    pub fn filtered(&self, filter: impl Borrow<L::Filter>) -> String {
        address(&self.path, filter.borrow(), self.sort, None)
    }

    /// Converts the rows with `form`.
    ///
    /// # Errors
    /// The first error of `form`.
    pub fn map<S>(self, form: impl FnMut(R) -> Result<S>) -> Result<View<L, S>> {
        let Self { rows, pager, filter, path, cursor, sort } = self;
        let rows = rows.into_iter().map(form).collect::<Result<_>>()?;
        Ok(View { rows, pager, filter, path, cursor, sort })
    }
}
