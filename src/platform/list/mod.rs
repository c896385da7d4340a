//! Lists: searched, filtered, sorted and paged by the database.
//!
//! A list is declared once, with [`list!`]: its statement, what it can be sorted by, and what its
//! address carries. A page asks for it with [`Request`] and shows what [`Request::load`] gives.

mod cursor;
pub(crate) mod declare;
mod filter;
mod pager;
mod request;
pub mod saved;
mod sort;
mod view;

pub use cursor::{Cursor, query_string};
pub(crate) use declare::list;
pub use filter::{Choice, Filter, Flag, Maybe, State};
pub use pager::{Direction, Key, KeyKind, PAGE_SIZE, Pager};
pub use request::Request;
pub use saved::{Bar, SavedFilter};
pub use sort::Sort;
pub use view::View;

use uuid::Uuid;

use super::db::{Query, Row};

/// A list of rows, declared with [`list!`].
pub trait List: Send + Sync + 'static {
    /// One row.
    type Row: Row + Clone;
    /// What the address filters it by.
    type Filter: Filter;
    /// What its statements need to know beside that: who looks, and when.
    type Scope: Send + Sync;
    /// The kind of its statements: inside one organization, or outside of all.
    type Sql: Copy + Send + Sync;
    /// What it can be sorted by; the first one is meant where the address does not say.
    const SORTS: &'static [Sort<Self>];

    /// The row's id, by which rows with equal keys are sorted.
    fn id(row: &Self::Row) -> Uuid;

    /// Binds the parameters of the statements but for the cursor's.
    fn bind<'q>(filter: &'q Self::Filter, scope: &'q Self::Scope, query: Query<'q>) -> Query<'q>;
}
