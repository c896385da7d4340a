//! Files that only their owner can read.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::create_private_folder;
use crate::platform::files::folder_of;

/// How the name of a file ends that is not in place yet.
const DRAFT: &str = ".draft";

/// Writes a file that only its owner can read, whole or not at all, unless it is there already.
pub(super) fn create_private(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        create_private_folder(folder)?;
    }
    let draft = write_draft(path, text)?;
    // A hard link fails where the name is taken, so the first of two processes wins.
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// A file that one process at a time changes, however many read it.
pub(super) struct Changing {
    /// Where it is, behind the links that lead to it.
    path: PathBuf,
    #[cfg(unix)]
    _held: std::fs::File,
}

impl Changing {
    /// Waits until nobody else changes it. What is held is its folder: the file is another one after
    /// each change.
    pub fn begin(path: &Path) -> std::io::Result<Self> {
        let path = std::fs::canonicalize(path)?;
        #[cfg(unix)]
        {
            let held = std::fs::File::open(path.parent().unwrap_or(Path::new("/")))?;
            held.lock()?;
            remove_drafts(&path)?;
            Ok(Self { path, _held: held })
        }
        #[cfg(not(unix))]
        Ok(Self { path })
    }

    /// Puts `text` in its place: whoever reads it meets the old text or the new one.
    pub fn finish(self, text: &str) -> std::io::Result<()> {
        let draft = write_draft(&self.path, text)?;
        #[cfg(unix)]
        keep_readers(&self.path, &draft)?;
        std::fs::rename(draft, &self.path)
    }
}

/// An administrator who works on the file leaves it to the account that the service runs as, and to a
/// group that may read it.
#[cfg(unix)]
fn keep_readers(path: &Path, draft: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, chown};
    let (there, here) = (std::fs::metadata(path)?, std::fs::metadata(draft)?);
    if (there.uid(), there.gid()) != (here.uid(), here.gid()) {
        chown(draft, Some(there.uid()), Some(there.gid()))?;
    }
    std::fs::set_permissions(draft, there.permissions())
}

/// Removes what a process left that was cut off before it could put its draft in place: old secrets would
/// stay there unseen. Nobody else changes the file now.
#[cfg(unix)]
fn remove_drafts(path: &Path) -> std::io::Result<()> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    for entry in std::fs::read_dir(folder_of(path))? {
        let (entry, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        let name = name.to_string_lossy();
        let between = name.strip_prefix(&*stem).and_then(|rest| rest.strip_suffix(DRAFT));
        let process = between.and_then(|rest| rest.strip_prefix('.'));
        if process.is_some_and(|process| process.parse::<u32>().is_ok()) {
            std::fs::remove_file(entry)?;
        }
    }
    Ok(())
}

fn write_draft(path: &Path, text: &str) -> std::io::Result<PathBuf> {
    let draft = path.with_extension(format!("{}{DRAFT}", std::process::id()));
    let mut options = std::fs::File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(draft)
}
