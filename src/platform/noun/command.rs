//! Commands: changes of rows, for pages and programs alike. They take the actor and the parsed input, and
//! know nothing about pages.

use std::convert::Infallible;

use super::Record;
use super::life::{Living, hold_live};
use super::place::{Home, Place};
use crate::platform::audit::Entry;
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::tenant::OrgTx;
use crate::platform::web::FieldErrors;

/// Why a command has changed nothing; `N` is the noun that several people may save at once.
#[derive(Debug)]
pub enum Refusal<N = Infallible> {
    /// Some details are wrong.
    Fields(FieldErrors),
    /// Somebody else has saved the row since it was read; this is its new state.
    Meanwhile(Box<N>),
    /// A rule forbids it, or something failed.
    Other(AppError),
}

impl<N> Refusal<N> {
    /// A refusal because of one field.
    pub fn field(name: &'static str, words: impl Into<String>) -> Self {
        let mut errors = FieldErrors::default();
        errors.add(name, words);
        Self::Fields(errors)
    }

    /// The errors of the fields, for the form.
    ///
    /// # Errors
    /// Everything that no field can show.
    pub fn fields(self) -> Result<FieldErrors> {
        match self {
            Self::Fields(errors) => Ok(errors),
            other => Err(other.without_form()),
        }
    }

    /// The refusal as an error, for callers without a form.
    pub fn without_form(self) -> AppError {
        match self {
            Self::Fields(errors) => AppError::Invalid(errors.words().into()),
            Self::Meanwhile(_) => AppError::Meanwhile(
                "Someone else has just changed this. Reload the page and check it.".into(),
            ),
            Self::Other(error) => error,
        }
    }
}

impl<N> From<AppError> for Refusal<N> {
    fn from(error: AppError) -> Self {
        Self::Other(error)
    }
}

impl<N> From<sqlx::Error> for Refusal<N> {
    fn from(error: sqlx::Error) -> Self {
        Self::Other(error.into())
    }
}

/// Turns a violation of the row's unique constraint into an error of its field; other errors stay
/// as they are.
fn refusal<N: Living>(error: sqlx::Error) -> Refusal<N> {
    let error = AppError::from(error);
    match N::UNIQUE.filter(|unique| error.breaks(*unique)).and_then(|unique| unique.field) {
        Some((field, words)) => Refusal::field(field, words),
        None => Refusal::Other(error),
    }
}

/// Creates a row in the caller's transaction, and returns its id.
///
/// # Errors
/// [`Refusal::Fields`] when its name, or another unique value, is taken.
pub async fn insert<N: Record>(
    tx: &mut OrgTx,
    parent: N::Parent,
    details: &N::Details,
    now: Timestamp,
) -> Result<N::Id, Refusal<N>> {
    let id = N::insert(tx, parent, details, now).await.map_err(refusal)?;
    let after = serde_json::to_value(details).unwrap_or_default();
    tx.record(N::entry_of(N::LIFE.actions.created, parent, id, details).after(after));
    Ok(id)
}

/// Checks that nobody has saved the row since `version`.
///
/// # Errors
/// [`Refusal::Meanwhile`] when somebody has.
pub fn expect_version<N: Record>(row: &N, version: i64) -> Result<(), Refusal<N>> {
    match row.version() == version {
        true => Ok(()),
        false => Err(Refusal::Meanwhile(Box::new(row.clone()))),
    }
}

/// Saves changes based on `version` of a row, in the caller's transaction. Returns the entry to
/// record; `None` if nothing differs, so that nothing was saved.
///
/// # Errors
/// [`Refusal::Meanwhile`] when there is a newer version, [`Refusal::Fields`] when its name, or
/// another unique value, is taken.
pub async fn save<N: Record>(
    tx: &mut OrgTx,
    row: &N,
    version: i64,
    details: &N::Details,
    now: Timestamp,
) -> Result<Option<Entry>, Refusal<N>> {
    expect_version(row, version)?;
    if row.details() == details {
        return Ok(None);
    }
    if !row.update(tx, details, now).await.map_err(refusal)? {
        let saved = row.read_again(tx).await?;
        let saved = saved.filter(|saved| !saved.is_deleted()).ok_or(AppError::NotFound)?;
        return Err(Refusal::Meanwhile(Box::new(saved)));
    }
    let entry = N::entry_of(N::LIFE.actions.changed, row.parent(), row.id(), details);
    Ok(Some(entry.change(row.details(), details)))
}

/// Creates a row in its home, and returns its id.
///
/// # Errors
/// Those of [`insert`], and of the home.
pub async fn create<N: Record>(
    home: &impl Home<N>,
    details: N::Details,
) -> Result<N::Id, Refusal<N>> {
    let mut tx = home.begin().await?;
    let id = insert::<N>(&mut tx, home.parent(), &details, home.now).await?;
    tx.leads_to(&format!("{}/{id}", home.rows())).await?;
    tx.commit().await?;
    Ok(id)
}

/// Saves changes based on `version` of a row.
///
/// # Errors
/// Those of [`save`] and of the place, and [`AppError::NotFound`] when there is no such row, or it
/// was deleted.
pub async fn update<N: Record>(
    place: &impl Place<N>,
    id: N::Id,
    version: i64,
    details: N::Details,
) -> Result<(), Refusal<N>> {
    let (mut tx, _, row) = hold_live(place, id).await?;
    if let Some(entry) = save(&mut tx, &row, version, &details, place.now).await? {
        tx.record(entry);
    }
    tx.leads_to(&place.path(id)).await?;
    tx.commit().await?;
    Ok(())
}
