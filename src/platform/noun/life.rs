//! The life of a row: archived and unarchived, deleted and restored, by one rule for all nouns.
//!
//! A step that was done already does nothing, and is no error. One that is done counts a version,
//! is recorded, and is undone by its opposite. What is deleted is not archived.

use std::fmt::Display;
use std::ops::Deref;

use axum::response::Response;

use super::actions::LifeActions;
use super::record::InOrganization;
use crate::platform::audit::{Action, Entry};
use crate::platform::clock::Timestamp;
use crate::platform::db::Param;
use crate::platform::db::constraints::Unique;
use crate::platform::db::statement::TenantSql;
use crate::platform::error::{AppError, Result};
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::{Actor, CurrentOrg, OrgTx};
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
            Self::Archive => "archived.",
            Self::Unarchive => "unarchived.",
            Self::Delete => "deleted.",
            Self::Restore => "restored.",
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
    /// Archives `$2` at `$3`, or unarchives it, now, which is `$4`; `$5` says which. `None` where that
    /// cannot be done.
    pub set_archived: Option<TenantSql>,
    /// Deletes `$2` at `$3`, or restores it, now, which is `$4`; `$5` says which. Where rows are never
    /// archived, `$4` does.
    pub set_deleted: TenantSql,
    /// What is recorded of each step.
    pub actions: &'static LifeActions,
}

/// Makes the [`Life`] of a table: `life!("labels", LABEL_LIFE)`. What is `never archived` does not hold
/// when it was changed last, either.
macro_rules! life {
    ($table:literal, $actions:expr) => {
        $crate::platform::noun::life::Life {
            set_archived: Some($crate::platform::db::statement::sql!(concat!(
                "update ",
                $table,
                " set archived_at = $3, updated_at = $4, version = version + 1
                 where organization_id = $1 and id = $2 and deleted_at is null
                    and (archived_at is null) = $5"
            ))),
            set_deleted: $crate::platform::db::statement::sql!(concat!(
                "update ",
                $table,
                " set deleted_at = $3, updated_at = $4, version = version + 1
                 where organization_id = $1 and id = $2 and (deleted_at is null) = $5"
            )),
            actions: &$actions,
        }
    };
    ($table:literal, $actions:expr, never archived) => {
        $crate::platform::noun::life::Life {
            set_archived: None,
            set_deleted: $crate::platform::db::statement::sql!(concat!(
                "update ",
                $table,
                " set deleted_at = $3, version = version + 1
                 where organization_id = $1 and id = $2 and (deleted_at is null) = $4"
            )),
            actions: &$actions,
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
    /// What no two rows may have, and what another may have taken when one is restored.
    const UNIQUE: Option<Unique> = None;

    /// Its identifier.
    fn id(&self) -> Self::Id;

    /// What messages call it.
    fn name(&self) -> &str;

    /// Whether it was deleted: then it is not archived.
    fn is_deleted(&self) -> bool;

    /// That `action` was done to it.
    fn entry(&self, action: Action) -> Entry;
}

/// Where somebody works with rows `N`: the extractor that proves that they may.
pub trait Place<N: Living>: Deref<Target = Context> + Sync {
    /// The row, deleted or not.
    fn find(&self, tx: &mut OrgTx, id: N::Id) -> impl Future<Output = Result<Option<N>>> + Send;

    /// Begins a transaction that changes the row, and reads it, deleted or not.
    fn hold(&self, id: N::Id) -> impl Future<Output = Result<(OrgTx, Actor, N)>> + Send;

    /// The path of the row: its page, and what the paths of its steps begin with.
    fn path(&self, id: N::Id) -> String;

    /// The page that shows the row.
    fn page(&self, row: &N) -> String {
        self.path(row.id())
    }

    /// The page that lists it, on which somebody goes on who has archived or deleted it.
    fn list(&self, row: &N) -> String;
}

/// Begins a transaction that changes a row, and reads it, unless it was deleted.
///
/// # Errors
/// [`AppError::NotFound`] where there is no such row, or it was deleted.
pub async fn hold_live<N: Living>(place: &impl Place<N>, id: N::Id) -> Result<(OrgTx, Actor, N)> {
    let (tx, actor, row) = place.hold(id).await?;
    if row.is_deleted() { Err(AppError::NotFound) } else { Ok((tx, actor, row)) }
}

impl<N: InOrganization> Place<N> for CurrentOrg<N::Edit> {
    async fn find(&self, tx: &mut OrgTx, id: N::Id) -> Result<Option<N>> {
        Ok(N::find(tx, id).await?)
    }

    async fn hold(&self, id: N::Id) -> Result<(OrgTx, Actor, N)> {
        let (mut tx, actor) = self.write().await?;
        let row = N::find(&mut tx, id).await?.ok_or(AppError::NotFound)?;
        Ok((tx, actor, row))
    }

    fn path(&self, id: N::Id) -> String {
        N::path(self, id)
    }

    fn list(&self, _: &N) -> String {
        self.organization.path(N::SECTION.path)
    }
}

/// Takes a step in the caller's transaction, and records it; says whether that is a change.
///
/// # Errors
/// What the database says; [`AppError::NotFound`] for archiving what was deleted.
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

/// Takes a step, all of it or nothing; gives the row as it was before.
///
/// # Errors
/// Those of the place; [`AppError::Conflict`] where what the row needs to come back is another's.
pub async fn change<N: Living>(place: &impl Place<N>, id: N::Id, step: Step) -> Result<N> {
    let (mut tx, _, row) = place.hold(id).await?;
    if let Err(error) = take(&mut tx, &row, step, place.now).await {
        let is_clash = N::UNIQUE.is_some_and(|unique| error.breaks(unique));
        let words = format!("Another one is now called {}.", row.name());
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
