//! Links: a row has any number of rows of another noun, such as a task its labels. People put them
//! on its page and take them off again.
//!
//! Repeating either does nothing, and is not an error. A link has no life of its own: when one of
//! its rows is removed for good, the link goes with it; while the other row is deleted, it is not
//! shown.

pub(crate) mod declare;
mod handlers;
mod pairs;

pub(crate) use declare::links;
pub use handlers::{Chosen, put_on, routes, take_off};
pub use pairs::{Pairs, add, others, remove};

use std::str::FromStr;

use axum::extract::FromRequestParts;
use serde_json::json;

use super::life::{Living, hold_live};
use super::place::Place;
use super::record::InOrganization;
use super::{Record, Refusal};
use crate::platform::App;
use crate::platform::audit::Action;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::TenantSql;
use crate::platform::error::AppError;
use crate::platform::tenant::OrgTx;
use crate::platform::web::route::Guard;

/// What a row has any number of, declared with [`links!`].
pub trait Link: Pairs<Row: FromStr + Send, Other: FromStr + Send> + Send + Sync + 'static {
    /// What has the others.
    type One: Living<Id = Self::Row>;
    /// What it has any number of.
    type Many: InOrganization<Id = Self::Other>;
    /// The extractor that proves that the caller may change what the row has.
    type Place: Place<Self::One>
        + Guard
        + FromRequestParts<App, Rejection = AppError>
        + Send
        + 'static;

    /// The rows that the row `$2` has and those that it could have, ordered by name, as [`Linked`].
    const AROUND: TenantSql;
    /// The word for one of the others.
    const WORD: &'static str;
    /// The last part of [`PATHS`](Self::PATHS), which is also the id of the part of the page.
    const PART: &'static str;
    /// The path that puts one on, and the one that takes one off.
    const PATHS: [&'static str; 2];
    /// What is recorded when one is put on, and taken off.
    const ACTIONS: [Action; 2];
}

/// A row that another one has, or could have.
#[derive(Clone, Debug, FromRow)]
pub struct Linked<N> {
    /// The row.
    #[sqlx(flatten)]
    pub row: N,
    is_on: bool,
}

impl<N: Living> Linked<N> {
    /// The identifier of the row.
    pub fn id(&self) -> N::Id {
        self.row.id()
    }

    /// The name of the row.
    pub fn name(&self) -> &str {
        self.row.name()
    }
}

/// What a row has, for its page; drawn by `links` in `platform/_links.html`.
#[derive(Clone, Debug)]
pub struct Links<N> {
    /// What it has, ordered by name.
    pub on: Vec<Linked<N>>,
    /// What else there is to choose from, ordered by name.
    pub others: Vec<Linked<N>>,
    /// The word for one of them.
    pub word: &'static str,
    /// The id of the part of the page, and the last part of the path of its forms.
    pub part: &'static str,
}

/// What the row `id` has. The caller must have found the row for the viewer.
///
/// # Errors
/// Any error of the database.
pub async fn load<L: Link>(tx: &mut OrgTx, id: L::Row) -> Result<Links<L::Many>, sqlx::Error> {
    let found: Vec<Linked<L::Many>> = tx.query(L::AROUND).bind(id).all().await?;
    let (on, others) = found.into_iter().partition(|linked| linked.is_on);
    Ok(Links { on, others, word: L::WORD, part: L::PART })
}

/// Puts another row on the row `id`, unless it has that one already.
///
/// # Errors
/// [`AppError::NotFound`] when there is no row `id`; [`Refusal::Fields`] when there is no such other
/// row, or it was archived.
pub async fn put<L: Link>(place: &L::Place, id: L::Row, other: L::Other) -> Result<(), Refusal> {
    let (mut tx, _, row) = hold_live::<L::One>(place, id).await?;
    let other = hold_other::<L>(&mut tx, other).await?;
    if add::<L>(&mut tx, id, other.id()).await? {
        if other.is_archived() {
            let words = format!("{} is archived. Choose another {}.", other.name(), L::WORD);
            return Err(Refusal::field("chosen", words));
        }
        let [put_on, _] = L::ACTIONS;
        let entry = row.entry(put_on).before(json!({ (L::WORD): null }));
        tx.record(entry.after(json!({ (L::WORD): other.name() })));
    }
    tx.commit().await?;
    Ok(())
}

/// Takes another row off the row `id`, if it has that one.
///
/// # Errors
/// [`AppError::NotFound`] when there is no row `id`; [`Refusal::Fields`] when there is no such other
/// row.
pub async fn take<L: Link>(place: &L::Place, id: L::Row, other: L::Other) -> Result<(), Refusal> {
    let (mut tx, _, row) = hold_live::<L::One>(place, id).await?;
    let other = hold_other::<L>(&mut tx, other).await?;
    if remove::<L>(&mut tx, id, other.id()).await? {
        let [_, taken_off] = L::ACTIONS;
        let entry = row.entry(taken_off).before(json!({ (L::WORD): other.name() }));
        tx.record(entry.after(json!({ (L::WORD): null })));
    }
    tx.commit().await?;
    Ok(())
}

/// The other row, which nobody can change before the transaction ends.
async fn hold_other<L: Link>(tx: &mut OrgTx, id: L::Other) -> Result<L::Many, Refusal> {
    let other = L::Many::hold(tx, id).await?;
    other.filter(|other| !other.is_deleted()).ok_or_else(|| none::<L>())
}

/// The refusal when there is no such other row.
fn none<L: Link>() -> Refusal {
    Refusal::field("chosen", format!("This {} doesn't exist.", L::WORD))
}
