//! Files that only their owner can read.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::create_private_folder;
use crate::platform::files::folder_of;

/// The suffix of a file that is not in place yet.
const DRAFT: &str = ".draft";

/// Writes a file that only its owner can read, completely or not at all, unless it exists already.
pub(super) fn create_private(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        create_private_folder(folder)?;
    }
    let draft = write_draft(path, text)?;
    // A hard link fails if the name is taken, so the first of two processes wins.
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// A file that only one process changes at a time, while any number read it.
pub(super) struct Changing {
    /// Its path, with symbolic links resolved.
    path: PathBuf,
    #[cfg(unix)]
    _held: std::fs::File,
}

impl Changing {
    /// Waits until nobody else is changing the file. The lock is on its folder, because each change
    /// replaces the file.
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

    /// Replaces the content by `text`: readers see the old text or the new one.
    pub fn finish(self, text: &str) -> std::io::Result<()> {
        let draft = write_draft(&self.path, text)?;
        #[cfg(unix)]
        keep_readers(&self.path, &draft)?;
        std::fs::rename(draft, &self.path)
    }
}

/// Keeps owner, group and permissions, so that the service's account can still read the file after
/// an administrator has changed it.
#[cfg(unix)]
fn keep_readers(path: &Path, draft: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, chown};
    let (there, here) = (std::fs::metadata(path)?, std::fs::metadata(draft)?);
    if (there.uid(), there.gid()) != (here.uid(), here.gid()) {
        chown(draft, Some(there.uid()), Some(there.gid()))?;
    }
    std::fs::set_permissions(draft, there.permissions())
}

/// Removes drafts of processes that were interrupted: they would keep old secrets unseen. Nobody
/// else can be changing the file now.
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
