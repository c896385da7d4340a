//! Files that only their owner can read.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::create_private_folder;

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

/// Puts `text` in the place of the file at `path`: whoever reads it meets the old text or the new one.
pub(super) fn replace_private(path: &Path, text: &str) -> std::io::Result<()> {
    let draft = write_draft(path, text)?;
    #[cfg(unix)]
    keep_owner(path, &draft)?;
    std::fs::rename(draft, path)
}

/// An administrator who works on the file leaves it to the account that the service runs as.
#[cfg(unix)]
fn keep_owner(path: &Path, draft: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, chown};
    let (there, here) = (std::fs::metadata(path)?, std::fs::metadata(draft)?);
    if (there.uid(), there.gid()) == (here.uid(), here.gid()) {
        return Ok(());
    }
    chown(draft, Some(there.uid()), Some(there.gid()))
}

fn write_draft(path: &Path, text: &str) -> std::io::Result<PathBuf> {
    let draft = path.with_extension(format!("{}.draft", std::process::id()));
    let mut options = std::fs::File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(draft)
}
