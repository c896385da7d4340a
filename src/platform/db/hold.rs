//! Exclusive use of an SQLite database: only one service at a time, and no service while its
//! database is being replaced.
//!
//! It is an operating system lock on a file beside the database. It ends with the process, however
//! that ends, so there is nothing to clean up after a crash.

use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::platform::clock::Timestamp;
use crate::platform::files::folder_of;
use crate::platform::owners::cannot_read;

/// Exclusive use of a database, until it is dropped.
#[derive(Debug)]
pub struct Hold {
    _file: File,
}

/// Why a database cannot be held.
#[derive(Debug)]
pub enum HoldError {
    /// Another process holds it.
    Taken {
        /// The database's file.
        database: PathBuf,
        /// What that process has written about itself; empty if it was interrupted before that.
        by: String,
    },
    /// The file beside the database cannot be created or locked.
    Io {
        /// The path of that file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
}

impl fmt::Display for HoldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken { database, by } => {
                let by = if by.is_empty() { "another process" } else { by };
                write!(
                    f,
                    "{} is in use by {by}. One process at a time may do this with an SQLite \
                     database: stop that one first, or use PostgreSQL to run several",
                    database.display()
                )
            }
            Self::Io { path, error } => write!(f, "cannot lock {}", cannot_read(path, error)),
        }
    }
}

impl std::error::Error for HoldError {}

/// Takes the SQLite database at `database`, which need not exist yet, for as long as the result is
/// kept. `command` is shown to processes that come later. It never waits.
///
/// # Errors
/// When another process holds it, or the file beside it cannot be locked.
pub fn hold(database: &Path, command: &str, now: Timestamp) -> Result<Hold, HoldError> {
    // A database has one lock file, whatever path leads to it.
    let database = real(database);
    let mut path = database.as_os_str().to_owned();
    path.push(".service");
    let path = PathBuf::from(path);
    let wrong = |error| HoldError::Io { path: path.clone(), error };
    let mut file = File::options()
        .create(true)
        .read(true)
        .write(true)
        .truncate(false)
        .open(&path)
        .map_err(wrong)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let by = std::fs::read_to_string(&path).unwrap_or_default();
            return Err(HoldError::Taken { database, by: by.trim().to_owned() });
        }
        Err(TryLockError::Error(error)) => return Err(wrong(error)),
    }
    let who =
        format!("`tenantry {command}`, process {}, since {}", std::process::id(), now.stamp());
    file.set_len(0).and_then(|()| writeln!(file, "{who} UTC")).map_err(wrong)?;
    Ok(Hold { _file: file })
}

/// The path without symbolic links; the file itself may be missing.
fn real(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    match (folder_of(path).canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_database_is_held_once_by_whatever_path_it_is_reached() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let now = Timestamp::from_micros(0);
        let held = hold(&path, "serve", now).unwrap();
        File::create(&path).unwrap();
        let other = folder.path().join("other.db");
        #[cfg(unix)]
        std::os::unix::fs::symlink(&path, &other).unwrap();
        #[cfg(unix)]
        assert!(matches!(hold(&other, "serve", now), Err(HoldError::Taken { .. })));
        let words = hold(&path, "restore", now).unwrap_err().to_string();
        assert!(words.contains("in use by `tenantry serve`, process "), "{words}");
        drop(held);
        hold(&path, "restore", now).unwrap();
    }
}
