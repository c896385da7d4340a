//! A request for a list, parsed from its address.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;

use super::sort::address;
use super::{Cursor, List, PAGE_SIZE, Sort, View};
use crate::platform::App;
use crate::platform::db::row::FromRow;
use crate::platform::db::{Query, Runs};
use crate::platform::error::{AppError, Result};
use crate::platform::web::Params;

/// A request for the list `L`: its filter, its sort order and its page.
pub struct Request<L: List> {
    /// The filter.
    pub filter: L::Filter,
    sort: &'static Sort<L>,
    cursor: Cursor,
    path: String,
}

/// The parameters in a list's address, besides its filter.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PageParams {
    sort: String,
    after: String,
    before: String,
}

impl<L: List> FromRequestParts<App> for Request<L> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let Params(filter) = Params::<L::Filter>::from_request_parts(parts, app).await?;
        let Params(page) = Params::<PageParams>::from_request_parts(parts, app).await?;
        let sort = Sort::<L>::from_word(&page.sort);
        let cursor = Cursor::parse(&page.after, &page.before, sort.kind)?;
        Ok(Self { filter, sort, cursor, path: parts.uri.path().to_owned() })
    }
}

/// A row, with the total number of rows.
#[derive(FromRow)]
struct Counted<T> {
    #[sqlx(flatten)]
    row: T,
    total: i64,
}

impl<L: List> Request<L> {
    /// Reads the requested page.
    ///
    /// # Errors
    /// [`AppError::Elsewhere`] if there are no rows beyond the cursor any more: redirects to the
    /// first page.
    pub async fn load(self, tx: &mut impl Runs<L::Sql>, scope: &L::Scope) -> Result<View<L>> {
        let found = self.find(tx, scope).await?;
        if found.is_empty() && self.cursor.is_inside() {
            return Err(AppError::Elsewhere(self.address(None)));
        }
        let total = found.first().map_or(0, |counted| counted.total);
        let mut rows: Vec<L::Row> = found.into_iter().map(|counted| counted.row).collect();
        let key = |row: &L::Row| ((self.sort.key)(row), L::id(row));
        let pager = self.cursor.paginate(&mut rows, total, key, |at| self.address(at));
        let Self { filter, sort, cursor, path } = self;
        Ok(View { rows, pager, filter, sort, cursor, path })
    }

    /// The first page, in the default order.
    pub fn of(filter: L::Filter) -> Self {
        let sort = &L::SORTS[0];
        Self { filter, sort, cursor: Cursor::start(sort.kind), path: String::new() }
    }

    /// The first page in the order that `word` names.
    pub fn sorted(self, word: &str) -> Self {
        let sort = Sort::from_word(word);
        Self { sort, cursor: Cursor::start(sort.kind), ..self }
    }

    /// Reads all rows from this page on.
    pub async fn all(
        mut self,
        tx: &mut impl Runs<L::Sql>,
        scope: &L::Scope,
    ) -> Result<Vec<L::Row>> {
        let mut rows = Vec::new();
        loop {
            let (mut page, has_more) = self.next(tx, scope).await?;
            rows.append(&mut page);
            if !has_more {
                return Ok(rows);
            }
        }
    }

    /// Reads the requested page, and leads to the next one, if there is one.
    pub(super) async fn next(
        &mut self,
        tx: &mut impl Runs<L::Sql>,
        scope: &L::Scope,
    ) -> Result<(Vec<L::Row>, bool)> {
        let mut page = self.find(tx, scope).await?;
        let has_more = page.len() > PAGE_SIZE;
        page.truncate(PAGE_SIZE);
        let rows: Vec<_> = page.into_iter().map(|counted| counted.row).collect();
        if let Some(last) = rows.last() {
            self.cursor = Cursor::behind((self.sort.key)(last), L::id(last));
        }
        Ok((rows, has_more))
    }

    async fn find(
        &self,
        tx: &mut impl Runs<L::Sql>,
        scope: &L::Scope,
    ) -> Result<Vec<Counted<L::Row>>, sqlx::Error> {
        let query: Query<'_> = tx.run(self.sort.statement(self.cursor.direction));
        let query = L::bind(&self.filter, scope, query);
        self.cursor.bind(query, self.sort.is_descending).bind(self.cursor.limit()).all().await
    }

    /// The address of the list at `cursor`, with its filter and sort order.
    fn address(&self, cursor: Option<(&str, &str)>) -> String {
        address(&self.path, &self.filter, self.sort, cursor)
    }
}
