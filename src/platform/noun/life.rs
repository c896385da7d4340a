//! The life of a row: it can be archived and unarchived, deleted and restored, by the same rules
//! for all nouns.
//!
//! Repeating a step does nothing, and is not an error. A step that changes the row increments its
//! version, is recorded, and can be undone by its opposite. A deleted row cannot be archived.

use std::fmt::Display;

use axum::response::Response;

use super::actions::LifeActions;
use super::place::Place;
use crate::platform::audit::{Action, Entry};
use crate::platform::clock::Timestamp;
use crate::platform::db::Param;
use crate::platform::db::constraints::Unique;
use crate::platform::db::statement::TenantSql;
use crate::platform::error::{AppError, Result};
use crate::platform::tenant::{Actor, OrgTx};
use crate::platform::web::Flash;

/// A step in the life of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Removes it from the lists of current rows.
    Archive,
    /// Returns it to the lists of current rows.
    Unarchive,
    /// Removes it from all lists but that of deleted rows, and finally for good.
    Delete,
    /// Returns it to the state before it was deleted.
    Restore,
}

impl Step {
    /// The end of the message after the step.
    const fn words(self) -> &'static str {
        match self {
            Self::Archive => "archived.",
            Self::Unarchive => "unarchived.",
            Self::Delete => "deleted.",
            Self::Restore => "restored.",
        }
    }

    /// The last part of the path that undoes the step, if the message offers that.
    const fn undo(self) -> Option<&'static str> {
        match self {
            Self::Archive => Some("/unarchive"),
            Self::Delete => Some("/restore"),
            Self::Unarchive | Self::Restore => None,
        }
    }
}

/// The statements for the steps of a table's rows, and the actions to record; made by [`life!`].
pub struct Life {
    /// Archives or unarchives the row `$2`: sets `archived_at` to `$3`, which is null to unarchive.
    /// `$4` is the time of the change, `$5` whether to archive. `None` if rows cannot be archived.
    pub set_archived: Option<TenantSql>,
    /// Deletes or restores the row `$2`: sets `deleted_at` to `$3`, which is null to restore. `$4` is
    /// the time of the change, `$5` whether to delete; if rows are never archived, `$4` is whether to
    /// delete.
    pub set_deleted: TenantSql,
    /// The action to record for each step.
    pub actions: &'static LifeActions,
}

/// Why the statements of a [`Life`] need not check who may see a project.
pub(crate) const STEP_OF_FOUND: &str =
    "it takes a step of a row that the caller has found, and shows nothing";

/// Makes the [`Life`] of a table: `life!("labels", LIFE)`. A table that is `never archived`
/// has no `updated_at` either.
macro_rules! life {
    ($table:literal, $actions:expr) => {
        $crate::platform::noun::life::Life {
            set_archived: Some($crate::platform::db::statement::sql!(
                unfiltered because $crate::platform::noun::life::STEP_OF_FOUND,
                concat!(
                    "update ",
                    $table,
                    " set archived_at = $3, updated_at = $4, version = version + 1
                     where organization_id = $1 and id = $2 and deleted_at is null
                        and (archived_at is null) = $5"
                )
            )),
            set_deleted: $crate::platform::db::statement::sql!(
                unfiltered because $crate::platform::noun::life::STEP_OF_FOUND,
                concat!(
                    "update ",
                    $table,
                    " set deleted_at = $3, updated_at = $4, version = version + 1
                     where organization_id = $1 and id = $2 and (deleted_at is null) = $5"
                )
            ),
            actions: &$actions,
        }
    };
    ($table:literal, $actions:expr, never archived) => {
        $crate::platform::noun::life::Life {
            set_archived: None,
            set_deleted: $crate::platform::db::statement::sql!(
                unfiltered because $crate::platform::noun::life::STEP_OF_FOUND,
                concat!(
                    "update ",
                    $table,
                    " set deleted_at = $3, version = version + 1
                     where organization_id = $1 and id = $2 and (deleted_at is null) = $4"
                )
            ),
            actions: &$actions,
        }
    };
}
pub(crate) use life;

/// A row that can be deleted and, unless its [`Life`] excludes it, archived.
pub trait Living: Send + Sync {
    /// The type of its identifier.
    type Id: for<'q> Param<'q> + Copy + Display + Sync;
    /// The statements of its table.
    const LIFE: Life;
    /// The constraint that a restored row may violate.
    const UNIQUE: Option<Unique> = None;

    /// Its identifier.
    fn id(&self) -> Self::Id;

    /// Its name in messages.
    fn name(&self) -> &str;

    /// Whether it was deleted; a deleted row cannot be archived.
    fn is_deleted(&self) -> bool;

    /// The audit log's entry that `action` was done to it.
    fn entry(&self, action: Action) -> Entry;
}

/// Begins a transaction that changes a row, and reads it.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such row, or it was deleted.
pub async fn hold_live<N: Living>(place: &impl Place<N>, id: N::Id) -> Result<(OrgTx, Actor, N)> {
    let (tx, actor, row) = place.hold(id).await?;
    if row.is_deleted() { Err(AppError::NotFound) } else { Ok((tx, actor, row)) }
}

/// Takes a step in the caller's transaction, and records it. Returns whether that has changed
/// anything.
///
/// # Errors
/// Any error of the database; [`AppError::NotFound`] when a deleted row is to be archived.
pub async fn take<N: Living>(tx: &mut OrgTx, row: &N, step: Step, now: Timestamp) -> Result<bool> {
    let life = N::LIFE;
    let (statement, is_set) = match step {
        Step::Archive | Step::Unarchive if row.is_deleted() => return Err(AppError::NotFound),
        Step::Archive => (life.set_archived.ok_or(AppError::NotFound)?, true),
        Step::Unarchive => (life.set_archived.ok_or(AppError::NotFound)?, false),
        Step::Delete => (life.set_deleted, true),
        Step::Restore => (life.set_deleted, false),
    };
    let query = tx.query(statement).bind(row.id()).bind(is_set.then_some(now));
    let query = if life.set_archived.is_some() { query.bind(now) } else { query };
    let is_change = query.bind(is_set).execute().await? == 1;
    if let Some(action) = life.actions.of(step).filter(|_| is_change) {
        tx.record(row.entry(action));
    }
    Ok(is_change)
}

/// Takes a step in a transaction of its own. Returns the row as it was before.
///
/// # Errors
/// Those of `place`; [`AppError::Conflict`] when another row has taken the unique value of a row to
/// be restored.
pub async fn change<N: Living>(place: &impl Place<N>, id: N::Id, step: Step) -> Result<N> {
    let (mut tx, _, row) = place.hold(id).await?;
    if let Err(error) = take(&mut tx, &row, step, place.now).await {
        let is_clash = N::UNIQUE.is_some_and(|unique| error.breaks(unique));
        let words = format!("The name {} is now taken.", row.name());
        return Err(if is_clash { AppError::Conflict(words.into()) } else { error });
    }
    tx.commit().await?;
    Ok(row)
}

/// Answers a page's button: takes the step, and redirects with a message that offers to undo it.
///
/// # Errors
/// Those of [`change`].
pub async fn answer<N: Living>(place: &impl Place<N>, id: N::Id, step: Step) -> Result<Response> {
    let row = change(place, id, step).await?;
    let words = format!("{} {}", row.name(), step.words());
    Ok(match step.undo() {
        Some(undo) => {
            let undo = format!("{}{undo}", place.path(id));
            Flash::redirect_with_undo(&place.list(&row), words, undo)
        }
        None => Flash::redirect(&place.page(&row), words),
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
