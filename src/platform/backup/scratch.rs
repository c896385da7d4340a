//! A folder beside a file in which its successor is made, or a copy of it is looked at.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::BackupError;
use crate::platform::secrets::create_private_folder;

/// A folder for this process alone, which is removed when it is dropped. What another process left in
/// it when it was cut off is removed first.
#[derive(Debug)]
pub(super) struct Scratch {
    folder: PathBuf,
    _lock: File,
}

impl Scratch {
    /// Makes the folder beside `file`, on the same disk, so that what is made in it becomes `file` in
    /// one step.
    pub fn beside(file: &Path) -> Result<Self, BackupError> {
        let name = file.file_name().ok_or_else(|| {
            BackupError::refused(format!("{} does not name a file", file.display()))
        })?;
        let mut own = std::ffi::OsString::from(".");
        own.push(name);
        own.push(".part");
        Self::at(folder_of(file).join(own))
    }

    /// The same for a copy of `file`, which may lie where nothing can be written: then in the folder
    /// for temporary files.
    pub fn for_a_copy_of(file: &Path) -> Result<Self, BackupError> {
        match Self::beside(file) {
            Err(BackupError::File(_, error)) if is_closed(&error) => {
                let own = format!("tenantry-{}", std::process::id());
                Self::at(std::env::temp_dir().join(own))
            }
            made => made,
        }
    }

    fn at(folder: PathBuf) -> Result<Self, BackupError> {
        let wrong = BackupError::at(&folder);
        create_private_folder(&folder).map_err(&wrong)?;
        let lock = folder.join("lock");
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
        for entry in std::fs::read_dir(&folder).map_err(&wrong)? {
            let path = entry.map_err(&wrong)?.path();
            if path != lock {
                std::fs::remove_file(&path).map_err(&wrong)?;
            }
        }
        Ok(Self { folder, _lock: held })
    }

    /// A file in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Gives the finished file `name` its place at `to`, private and safe on disk, in one step. What
    /// was there is gone.
    pub fn publish(&self, name: &str, to: &Path) -> Result<(), BackupError> {
        let from = self.path(name);
        let wrong = BackupError::at(to);
        make_private(&from).map_err(&wrong)?;
        File::open(&from).and_then(|file| file.sync_all()).map_err(&wrong)?;
        std::fs::rename(&from, to).map_err(&wrong)?;
        // So that the name survives a power cut, too.
        if cfg!(unix) {
            File::open(folder_of(to)).and_then(|folder| folder.sync_all()).map_err(&wrong)?;
        }
        Ok(())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The next one removes what cannot be removed now.
        let _left = std::fs::remove_dir_all(&self.folder);
    }
}

/// The folder of a file, which is the current one where none is named.
pub(super) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn is_closed(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

#[cfg(unix)]
fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn make_private(_: &Path) -> io::Result<()> {
    Ok(())
}
