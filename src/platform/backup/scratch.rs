//! A folder beside a file, in which its successor is made or a copy of it is examined.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::BackupError;
use crate::platform::files::folder_of;
use crate::platform::secrets::{Token, create_new_private_folder};

/// The files that are made in it, and those that SQLite and this program put beside a database.
const NAMES: &[&str] =
    &["backup.db", "copy.db", "damaged.db", "new.db", "repaired.db", "schema.db", "upgraded.db"];
const ENDINGS: &[&str] = &["", "-wal", "-shm", "-journal", ".lock", ".service"];
const LOCK: &str = "lock";

/// A folder for this process only, removed on drop. Leftovers of an interrupted process are removed
/// first; anything else in it is left alone, and is an error.
#[derive(Debug)]
pub(super) struct Scratch {
    folder: PathBuf,
    _lock: File,
}

impl Scratch {
    /// Creates the folder beside `file`, on the same disk, so that a file in it can replace `file`
    /// in one step.
    pub fn next_to(file: &Path) -> Result<Self, BackupError> {
        let name = file.file_name().ok_or_else(|| {
            BackupError::refused(format!("{} does not name a file", file.display()))
        })?;
        let mut own = std::ffi::OsString::from(".");
        own.push(name);
        own.push(".part");
        Self::at(folder_of(file).join(own))
    }

    /// Creates a scratch folder for a copy of `file`. If nothing can be written beside that, it is
    /// in the folder for temporary files, under an unpredictable name.
    pub fn for_a_copy_of(file: &Path) -> Result<Self, BackupError> {
        match Self::next_to(file) {
            Err(BackupError::File(_, error)) if is_closed(&error) => Self::elsewhere(),
            made => made,
        }
    }

    /// Creates it in the folder for temporary files, under an unpredictable name.
    pub fn elsewhere() -> Result<Self, BackupError> {
        Self::at(std::env::temp_dir().join(format!("tenantry-{}", Token::random().expose())))
    }

    fn at(folder: PathBuf) -> Result<Self, BackupError> {
        let wrong = BackupError::at(&folder);
        match create_new_private_folder(&folder) {
            // One that was left behind, which is ours to remove.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if !is_ours_alone(&folder).map_err(&wrong)? {
                    return Err(not_ours(&folder));
                }
            }
            made => made.map_err(&wrong)?,
        }
        let lock = folder.join(LOCK);
        let held = File::options().create(true).append(true).open(&lock).map_err(&wrong)?;
        match held.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let folder = folder.display();
                return Err(BackupError::refused(format!(
                    "another `tenantry` is at work on the same file, in {folder}"
                )));
            }
            Err(TryLockError::Error(error)) => return Err(wrong(error)),
        }
        let left = left_in(&folder).map_err(&wrong)?;
        if let Some(foreign) = left.iter().find(|path| !is_made_here(path)) {
            return Err(not_ours(foreign));
        }
        for path in left.iter().filter(|path| **path != lock) {
            std::fs::remove_file(path).map_err(&wrong)?;
        }
        Ok(Self { folder, _lock: held })
    }

    /// The path of a file in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Moves the finished file `name` to `to` in one step, private and synced to disk. It replaces
    /// what was there.
    pub fn publish(&self, name: &str, to: &Path) -> Result<(), BackupError> {
        let from = self.path(name);
        let wrong = BackupError::at(to);
        make_private(&from).map_err(&wrong)?;
        File::open(&from).and_then(|file| file.sync_all()).map_err(&wrong)?;
        std::fs::rename(&from, to).map_err(&wrong)?;
        // So that the new name survives a power cut.
        if cfg!(unix) {
            File::open(folder_of(to)).and_then(|folder| folder.sync_all()).map_err(&wrong)?;
        }
        Ok(())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The next process removes what cannot be removed now.
        for path in left_in(&self.folder).unwrap_or_default() {
            let _left = std::fs::remove_file(path);
        }
        let _left = std::fs::remove_dir(&self.folder);
    }
}

fn left_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
}

/// Whether this program makes files with that name in such a folder.
fn is_made_here(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_beside = |own: &&str| name.strip_prefix(own).is_some_and(|end| ENDINGS.contains(&end));
    name == LOCK || NAMES.iter().any(is_beside)
}

fn not_ours(path: &Path) -> BackupError {
    let path = path.display();
    BackupError::refused(format!(
        "{path} is in the way and was not made by Tenantry: check it, then remove it"
    ))
}

/// Whether it is a folder, and not a link to one, that belongs to this program's user and is closed
/// to all others.
#[cfg(unix)]
fn is_ours_alone(folder: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::symlink_metadata(folder)?;
    let us = rustix::process::geteuid().as_raw();
    Ok(found.is_dir() && found.uid() == us && found.mode() & 0o077 == 0)
}

#[cfg(not(unix))]
fn is_ours_alone(folder: &Path) -> io::Result<bool> {
    Ok(std::fs::symlink_metadata(folder)?.is_dir())
}

fn is_closed(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

#[cfg(unix)]
fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

/// Lets the group of its folder read the file at `path`, if the folder is marked as shared with the
/// group, by its set-group-ID bit and the group's right to read. If another user makes the backups,
/// the service can still check them.
#[cfg(unix)]
pub(super) fn share(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    const SHARED: u32 = 0o2050;
    match std::fs::metadata(folder_of(path))?.mode() & SHARED {
        SHARED => std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o640)),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
pub(super) fn share(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn make_private(_: &Path) -> io::Result<()> {
    Ok(())
}
