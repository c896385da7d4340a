//! Backups: an SQLite file, from either engine, with everything that people have entered and a
//! manifest.
//!
//! A backup from either engine can be restored into either; moving to the other engine works the
//! same way without a file. [`make`] makes a backup, [`verify`](verify()) checks that it contains
//! what it says, [`restore`](restore()) puts it into an empty installation, and [`folder`] keeps a
//! number of them.

pub mod check;
pub mod folder;
mod make;
mod manifest;
mod reference;
mod repair;
mod restore;
mod scratch;
mod target;
mod verify;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

pub use make::{Made, make};
pub use manifest::Manifest;
pub use restore::{Moved, Restored, SAME, move_database, restore};
pub use target::Target;
pub use verify::{Verified, verify};

use crate::platform::db::MigrateError;
use crate::platform::db::fault::Outage;
use crate::platform::db::transfer::TransferError;
use crate::platform::error::AppError;

/// Why a backup could not be made or restored.
#[derive(Debug)]
pub enum BackupError {
    /// A file cannot be read or written.
    File(PathBuf, io::Error),
    /// Something is not as required: a sentence that says what, and what to do.
    Refused(String),
    /// The database that is backed up or moved is not as required: a sentence without its subject,
    /// which is the setting that names the database.
    Source(String),
    /// What is wrong with the target database.
    Target(String),
    /// The audit log could not be read.
    Audit(AppError),
}

impl BackupError {
    fn refused(words: impl Into<String>) -> Self {
        Self::Refused(words.into())
    }

    fn source(error: impl Into<TransferError>) -> Self {
        Self::Source(error.into().to_string())
    }

    fn target(error: impl Into<TransferError>) -> Self {
        Self::Target(error.into().to_string())
    }

    /// Turns the system's error about the file at `path` into ours.
    fn at(path: &Path) -> impl Fn(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| Self::File(path.clone(), error)
    }

    /// Turns an error of the SQLite file at `path`, which is being made here, into ours.
    fn about<E: Into<TransferError>>(path: &Path) -> impl Fn(E) -> Self + use<E> {
        let path = path.to_owned();
        move |error| {
            let error = error.into();
            match error.database().is_some_and(is_full) {
                true => Self::File(path.clone(), io::ErrorKind::StorageFull.into()),
                false => Self::Refused(format!("{}: {error}", path.display())),
            }
        }
    }

    /// Turns an error of its schema into ours.
    fn about_schema(path: &Path) -> impl Fn(MigrateError) -> Self + use<> {
        let path = path.to_owned();
        move |error| match error.database().is_some_and(is_full) {
            true => Self::File(path.clone(), io::ErrorKind::StorageFull.into()),
            false => Self::Refused(format!("{}: {error}", path.display())),
        }
    }
}

/// Whether SQLite's disk is full.
fn is_full(error: &sqlx::Error) -> bool {
    Outage::of(error) == Some(Outage::Full)
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Refused(words) | Self::Source(words) | Self::Target(words) => f.write_str(words),
            Self::Audit(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BackupError {}

impl From<AppError> for BackupError {
    fn from(error: AppError) -> Self {
        Self::Audit(error)
    }
}
