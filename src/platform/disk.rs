//! How much room a disk has left.

use std::path::Path;

/// How many bytes the disk has left on which `file` lies; nothing where the system does not say.
#[cfg(unix)]
pub fn free(file: &Path) -> Option<u64> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let disk = rustix::fs::statvfs(folder.unwrap_or(Path::new("."))).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// How many bytes the disk has left on which `file` lies; nothing where the system does not say.
#[cfg(not(unix))]
pub fn free(_: &Path) -> Option<u64> {
    None
}
