//! Commands: changes of rows, for whoever asks for them. They take who acts and what was typed, as
//! far as it has been parsed, and know nothing of pages.

use super::Record;
use super::life::{Living, hold_live};
use super::record::InOrganization;
use crate::platform::audit::Entry;
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::tenant::{CurrentOrg, OrgTx};
use crate::platform::web::FieldErrors;

/// Why a command has changed nothing.
#[derive(Debug)]
pub enum Refusal<N> {
    /// Something is wrong with the details.
    Fields(FieldErrors),
    /// Somebody else has saved the row since it was read; this is what they saved.
    Meanwhile(Box<N>),
    /// A rule, or a fault.
    Other(AppError),
}

impl<N> Refusal<N> {
    /// That something is wrong with one field.
    pub fn field(name: &'static str, words: impl Into<String>) -> Self {
        let mut errors = FieldErrors::default();
        errors.add(name, words);
        Self::Fields(errors)
    }

    /// What is wrong with the fields, for the form that shows it.
    ///
    /// # Errors
    /// What no field can show.
    pub fn fields(self) -> Result<FieldErrors> {
        match self {
            Self::Fields(errors) => Ok(errors),
            other => Err(other.without_form()),
        }
    }

    /// The error where no form shows what is wrong with a field.
    pub fn without_form(self) -> AppError {
        match self {
            Self::Fields(errors) => AppError::Invalid(errors.words().into()),
            Self::Meanwhile(_) => {
                AppError::Conflict("Someone else has just changed this. Check it again.".into())
            }
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

/// What the database says, as an error of the field that is to be unique, where it is that.
fn refusal<N: Living>(error: sqlx::Error) -> Refusal<N> {
    let error = AppError::from(error);
    match N::UNIQUE.filter(|unique| error.breaks(*unique)).and_then(|unique| unique.field) {
        Some((field, words)) => Refusal::field(field, words),
        None => Refusal::Other(error),
    }
}

/// Creates a row in the caller's transaction, and gives its id.
///
/// # Errors
/// [`Refusal::Fields`] where its name, or whatever else is to be unique, is taken.
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

/// That somebody has saved the row since `version`, where they have.
///
/// # Errors
/// [`Refusal::Meanwhile`].
pub fn expect_version<N: Record>(row: &N, version: i64) -> Result<(), Refusal<N>> {
    match row.version() == version {
        true => Ok(()),
        false => Err(Refusal::Meanwhile(Box::new(row.clone()))),
    }
}

/// Saves what was made of `version` of a row, in the caller's transaction; gives what to record.
///
/// # Errors
/// [`Refusal::Meanwhile`] where there is a newer version by now, [`Refusal::Fields`] where its name,
/// or whatever else is to be unique, is another's.
pub async fn save<N: Record>(
    tx: &mut OrgTx,
    row: &N,
    version: i64,
    details: &N::Details,
    now: Timestamp,
) -> Result<Entry, Refusal<N>> {
    expect_version(row, version)?;
    if !row.update(tx, details, now).await.map_err(refusal)? {
        let saved = row.read_again(tx).await?;
        let saved = saved.filter(|saved| !saved.is_deleted()).ok_or(AppError::NotFound)?;
        return Err(Refusal::Meanwhile(Box::new(saved)));
    }
    let entry = N::entry_of(N::LIFE.actions.changed, row.parent(), row.id(), details);
    Ok(entry.change(row.details(), details))
}

/// Creates a row of the organization.
///
/// # Errors
/// Those of [`insert`].
pub async fn create<N: InOrganization>(
    org: &CurrentOrg<N::Edit>,
    details: N::Details,
) -> Result<N::Id, Refusal<N>> {
    let (mut tx, _) = org.write().await?;
    let id = insert::<N>(&mut tx, (), &details, org.now).await?;
    tx.leads_to(&N::path(org, id)).await?;
    tx.commit().await?;
    Ok(id)
}

/// Saves what was made of `version` of a row of the organization.
///
/// # Errors
/// Those of [`save`]; [`AppError::NotFound`] where there is no such row, or it was deleted.
pub async fn update<N: InOrganization>(
    org: &CurrentOrg<N::Edit>,
    id: N::Id,
    version: i64,
    details: N::Details,
) -> Result<(), Refusal<N>> {
    let (mut tx, _, row) = hold_live::<N>(org, id).await?;
    let entry = save(&mut tx, &row, version, &details, org.now).await?;
    tx.record(entry);
    tx.leads_to(&N::path(org, id)).await?;
    tx.commit().await?;
    Ok(())
}
