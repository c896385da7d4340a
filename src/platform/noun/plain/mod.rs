//! Plain rows: everyone who sees what they belong to can look at them, one permission or role lets
//! people change them, and their list and their form need nothing beside them.

pub(crate) mod declare;
mod handlers;

pub(crate) use declare::{plain_pages, plain_routes};
pub use handlers::{
    archive, create, delete, edit, index, new, restore, show, show_in, unarchive, update,
};

use std::str::FromStr;

use askama::Template;
use axum::extract::FromRequestParts;

use super::Record;
use super::edit::{EditPage, TypedForm};
use super::place::{Home, Place, Viewpoint};
use crate::platform::App;
use crate::platform::db::statement::TenantSql;
use crate::platform::error::AppError;
use crate::platform::list::{Index, List, ScopeOf};
use crate::platform::web::{Section, Shell};

/// A row with the usual pages, declared with [`plain_pages!`].
pub trait Plain: Record<Id: FromStr> {
    /// What proves that the caller may look at its rows.
    type Viewpoint: Viewpoint<Self> + Extractor;
    /// What proves that the caller may create and change them.
    type Editor: Home<Self> + Place<Self> + Extractor;
    /// Its form.
    type Form: TypedForm<Self>;
    /// Its list.
    type List: List<Sql = TenantSql, Scope: ScopeOf<Self::Viewpoint>>;
    /// The page with the form.
    type FormPage: EditPage<Row = Self, Form = Self::Form>;
    /// The page with the list.
    type IndexPage: IndexPage<Self::List>;
    /// The section of the navigation that its pages are in.
    const SECTION: Section;
}

/// The page of a list.
pub trait IndexPage<L: List>: Template + Send {
    /// The page with this content.
    fn new(shell: Shell, index: Index<L>) -> Self;

    /// The list alone, for htmx.
    fn list(&self) -> impl Template + '_;
}

/// The first argument of a handler.
pub trait Extractor: FromRequestParts<App, Rejection = AppError> + Send + 'static {}

impl<E: FromRequestParts<App, Rejection = AppError> + Send + 'static> Extractor for E {}
