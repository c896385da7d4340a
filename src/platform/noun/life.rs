//! The life of a row: archived and unarchived, deleted and restored, by one rule for all nouns.
//!
//! A step that was done already does nothing, and is no error. One that is done counts a version,
//! is recorded, and is undone by its opposite. What is deleted is not archived.

use std::fmt::Display;

use axum::response::Response;

use crate::platform::audit::{Action, Entry};
use crate::platform::clock::Timestamp;
use crate::platform::db::Param;
use crate::platform::db::constraints::Unique;
use crate::platform::db::statement::TenantSql;
use crate::platform::error::{AppError, Result};
use crate::platform::tenant::OrgTx;
use crate::platform::web::Flash;

/// A step in the life of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Out of the lists that show what is current.
    Archive,
    /// Into them again.
    Unarchive,
    /// Out of all lists but that of what was deleted, and in the end for good.
    Delete,
    /// Back as it was.
    Restore,
}

impl Step {
    /// What the message says that was done.
    const fn words(self) -> &'static str {
        match self {
            Self::Archive => "is archived.",
            Self::Unarchive => "is out of the archive.",
            Self::Delete => "is deleted.",
            Self::Restore => "is back.",
        }
    }

    /// The last part of the path at which its opposite is done, where the message offers that.
    const fn undo(self) -> Option<&'static str> {
        match self {
            Self::Archive => Some("/unarchive"),
            Self::Delete => Some("/restore"),
            Self::Unarchive | Self::Restore => None,
        }
    }
}

/// The statements of a table for the steps of its rows, and what is recorded of each; made by
/// [`life!`].
pub struct Life {
    /// Archives `$2` at `$3`, or unarchives it, now, which is `$4`; `$5` says which.
    pub set_archived: TenantSql,
    /// Deletes `$2` at `$3`, or restores it, now, which is `$4`; `$5` says which.
    pub set_deleted: TenantSql,
    /// What is recorded of each step.
    pub action: fn(Step) -> Action,
}

/// Makes the [`Life`] of a table whose rows hold when they were changed last: `life!("labels", action)`.
macro_rules! life {
    ($table:literal, $action:expr) => {
        $crate::platform::noun::life::Life {
            set_archived: $crate::platform::db::statement::sql!(concat!(
                "update ",
                $table,
                " set archived_at = $3, updated_at = $4, version = version + 1
                 where organization_id = $1 and id = $2 and deleted_at is null
                    and (archived_at is null) = $5"
            )),
            set_deleted: $crate::platform::db::statement::sql!(concat!(
                "update ",
                $table,
                " set deleted_at = $3, updated_at = $4, version = version + 1
                 where organization_id = $1 and id = $2 and (deleted_at is null) = $5"
            )),
            action: $action,
        }
    };
}
pub(crate) use life;

/// A row that can be archived and deleted.
pub trait Living: Send + Sync {
    /// Its identifier.
    type Id: for<'q> Param<'q> + Copy + Display + Sync;
    /// Its statements.
    const LIFE: Life;
    /// What another row may have taken meanwhile, which it needs to come back.
    const NEEDS: Option<Unique> = None;

    /// Its identifier.
    fn id(&self) -> Self::Id;

    /// What messages call it.
    fn name(&self) -> &str;

    /// Whether it was deleted: then it is not archived.
    fn is_deleted(&self) -> bool;

    /// That `action` was done to it.
    fn entry(&self, action: Action) -> Entry;
}

/// Where somebody takes the steps of rows `N`: the extractor that proves that they may.
pub trait Place<N: Living>: Sync {
    /// Begins a transaction that changes the row, and reads it, deleted or not.
    fn hold(&self, id: N::Id) -> impl Future<Output = Result<(OrgTx, N)>> + Send;

    /// The time at which the request is answered.
    fn now(&self) -> Timestamp;

    /// The row's page.
    fn page(&self, row: &N) -> String;

    /// The page on which it is listed, to which whoever has archived or deleted it goes.
    fn list(&self, row: &N) -> String;
}

/// Takes a step in the caller's transaction, and records it; says whether that is a change.
///
/// # Errors
/// What the database says; [`AppError::NotFound`] for archiving what was deleted.
pub async fn take<N: Living>(tx: &mut OrgTx, row: &N, step: Step, now: Timestamp) -> Result<bool> {
    let life = N::LIFE;
    let (statement, is_set) = match step {
        Step::Archive | Step::Unarchive if row.is_deleted() => return Err(AppError::NotFound),
        Step::Archive => (life.set_archived, true),
        Step::Unarchive => (life.set_archived, false),
        Step::Delete => (life.set_deleted, true),
        Step::Restore => (life.set_deleted, false),
    };
    let query = tx.query(statement).bind(row.id()).bind(is_set.then_some(now));
    let is_change = query.bind(now).bind(is_set).execute().await? == 1;
    if is_change {
        tx.record(row.entry((life.action)(step)));
    }
    Ok(is_change)
}

/// Takes a step, all of it or nothing; gives the row as it was before.
///
/// # Errors
/// Those of the place; [`AppError::Conflict`] where what the row needs to come back is another's.
pub async fn change<N: Living>(place: &impl Place<N>, id: N::Id, step: Step) -> Result<N> {
    let (mut tx, row) = place.hold(id).await?;
    if let Err(error) = take(&mut tx, &row, step, place.now()).await {
        let is_clash = N::NEEDS.is_some_and(|needs| error.breaks(needs));
        let words = format!("Another one is called {} now.", row.name());
        return Err(if is_clash { AppError::Conflict(words.into()) } else { error });
    }
    tx.commit().await?;
    Ok(row)
}

/// The answer of a page's button: takes the step, and says so where the row is now, with a way back.
///
/// # Errors
/// Those of [`change`].
pub async fn answer<N: Living>(place: &impl Place<N>, id: N::Id, step: Step) -> Result<Response> {
    let row = change(place, id, step).await?;
    let words = format!("{} {}", row.name(), step.words());
    let page = place.page(&row);
    Ok(match step.undo() {
        Some(undo) => Flash::redirect_with_undo(&place.list(&row), words, format!("{page}{undo}")),
        None => Flash::redirect(&page, words),
    })
}

/// Handlers that take a step of the row in the path.
macro_rules! steps {
    ($noun:ty, $id:ty, $place:ty: $($name:ident = $step:ident),+) => {
        $(
            #[doc = concat!("`POST …/{id}/", stringify!($name), "`")]
            pub async fn $name(
                place: $place,
                $crate::platform::web::Id(id): $crate::platform::web::Id<$id>,
            ) -> $crate::platform::error::Result<axum::response::Response> {
                $crate::platform::noun::life::answer::<$noun>(
                    &place,
                    id,
                    $crate::platform::noun::life::Step::$step,
                )
                .await
            }
        )+
    };
}
pub(crate) use steps;
