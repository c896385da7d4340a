//! Backups: an SQLite file on both engines, with everything that people have entered and a manifest.
//!
//! Whichever engine it was made from, it is restored into either; a move from one to the other is the
//! same without the file. [`make`] makes one, [`verify`](verify()) looks whether it holds what it says,
//! [`restore`](restore()) puts it into an empty installation, and [`folder`] keeps as many as are wanted.

pub mod folder;
mod make;
mod manifest;
mod restore;
mod scratch;
mod verify;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

pub use make::{Made, make};
pub use manifest::Manifest;
pub use restore::{Moved, Restored, Target, move_database, restore};
pub use verify::{Verified, verify};

use crate::error::AppError;
use crate::platform::db::MigrateError;
use crate::platform::db::transfer::TransferError;

/// Why there is no backup, or why one is not restored.
#[derive(Debug)]
pub enum BackupError {
    /// A file cannot be read or written.
    File(PathBuf, io::Error),
    /// Something is not as it has to be: a sentence that says what, and what to do.
    Refused(String),
    /// Rows could not be read or written.
    Transfer(TransferError),
    /// The schema could not be made or brought up to date.
    Schema(MigrateError),
    /// The audit log could not be read.
    Audit(AppError),
}

impl BackupError {
    fn refused(words: impl Into<String>) -> Self {
        Self::Refused(words.into())
    }

    /// What becomes of the system's error about the file at `path`.
    fn at(path: &Path) -> impl Fn(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| Self::File(path.clone(), error)
    }
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Refused(words) => f.write_str(words),
            Self::Transfer(error) => error.fmt(f),
            Self::Schema(error) => error.fmt(f),
            Self::Audit(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BackupError {}

impl From<TransferError> for BackupError {
    fn from(error: TransferError) -> Self {
        Self::Transfer(error)
    }
}

impl From<sqlx::Error> for BackupError {
    fn from(error: sqlx::Error) -> Self {
        Self::Transfer(error.into())
    }
}

impl From<MigrateError> for BackupError {
    fn from(error: MigrateError) -> Self {
        Self::Schema(error)
    }
}

impl From<AppError> for BackupError {
    fn from(error: AppError) -> Self {
        Self::Audit(error)
    }
}
