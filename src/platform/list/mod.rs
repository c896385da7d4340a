//! Lists: searched, filtered, sorted and paged by the database.
//!
//! A list is declared once, with [`list!`]: its statement, its sort orders, and what its address
//! contains. A page takes a [`Request`] for it and shows the result of [`Request::load`].

pub mod chosen;
mod cursor;
pub(crate) mod declare;
mod exported;
mod filter;
mod index;
mod pager;
mod request;
pub mod saved;
mod searched;
mod sort;
mod view;

pub use cursor::{Cursor, query_string};
pub(crate) use declare::list;
pub use exported::{Columns, FileHead, exported};
pub use filter::{Choice, Filter, Flag, Maybe, State};
pub use index::Index;
pub use pager::{Direction, Key, KeyKind, PAGE_SIZE, Pager};
pub use request::Request;
pub use saved::{Bar, SavedFilter};
pub use searched::Search;
pub(crate) use searched::searched;
pub use sort::Sort;
pub use view::View;

use uuid::Uuid;

use super::db::{Query, Row};

/// A list of rows, declared with [`list!`].
pub trait List: Send + Sync + 'static {
    /// One row.
    type Row: Row + Clone;
    /// What the address filters by.
    type Filter: Filter;
    /// What its statements need in addition: who looks, and when.
    type Scope: Send + Sync;
    /// The kind of its statements: inside one organization, or outside organizations.
    type Sql: Copy + Send + Sync;
    /// Its sort orders; the first is the default.
    const SORTS: &'static [Sort<Self>];

    /// The row's id, by which rows with equal keys are sorted.
    fn id(row: &Self::Row) -> Uuid;

    /// Binds the parameters of the statements, except the cursor's.
    fn bind<'q>(filter: &'q Self::Filter, scope: &'q Self::Scope, query: Query<'q>) -> Query<'q>;
}

/// A list's [`Scope`](List::Scope) that follows from what proves that the caller may look: `P`.
pub trait ScopeOf<P> {
    /// The scope for the sender of a request.
    fn of(proof: &P) -> Self;
}
