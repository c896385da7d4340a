//! Names the owner of a file that cannot be read, for error messages.

use std::io::{Error, ErrorKind};
use std::path::Path;

/// Why `path` cannot be read: the system's message and, if access is denied, the owner.
pub fn cannot_read(path: &Path, error: &Error) -> String {
    let words = format!("{}: {error}", path.display());
    match error.kind() {
        ErrorKind::PermissionDenied => match whose(path) {
            Some(whose) => format!("{words}; {whose}"),
            None => words,
        },
        _ => words,
    }
}

/// The owner of the file, or of the folder above it that denies access.
#[cfg(unix)]
fn whose(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let seen = path.ancestors().find_map(|path| Some((path, std::fs::metadata(path).ok()?)));
    let (seen, found) = seen.filter(|(seen, _)| !seen.as_os_str().is_empty())?;
    let us = rustix::process::geteuid().as_raw();
    Some(format!(
        "{} belongs to {} (mode {:03o}), and this program runs as {}",
        if seen == path { "it".to_owned() } else { seen.display().to_string() },
        name(found.uid()),
        found.mode() & 0o777,
        name(us),
    ))
}

#[cfg(not(unix))]
fn whose(_: &Path) -> Option<String> {
    None
}

/// The user's name, if the machine's own list of users contains it.
#[cfg(unix)]
fn name(id: u32) -> String {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| format!("user {id}"))
}
