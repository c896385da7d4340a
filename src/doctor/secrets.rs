//! Checks the secret key.

use std::path::Path;

use crate::platform::checkup::Check;
use crate::platform::secrets::Keyring;

pub(super) fn secret_key(path: &Path) -> Check {
    const ABOUT: &str = "secret key";
    let shown = path.display();
    if !path.exists() {
        return Check::warn(
            ABOUT,
            format!("There is no {shown} yet."),
            "`tenantry serve` makes it, unless something in the database needs one from before.",
        );
    }
    if let Err(error) = Keyring::load(path) {
        return Check::fail(
            ABOUT,
            format!("{shown}: {error}."),
            "Put back the copy that was kept apart from the backups, readable for the service.",
        );
    }
    match closing(path) {
        Some(mend) => Check::fail(ABOUT, format!("Others can read {shown}."), mend),
        None => Check::ok(ABOUT, format!("{shown} is there, and nobody else can read it.")),
    }
}

/// The command that closes a file of secrets to others who can read or change it; `None` if nobody
/// can. If the file belongs to another user, its group may read it: this lets the service read what
/// root has written.
#[cfg(unix)]
pub(super) fn closing(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(path).ok()?;
    let us = rustix::process::geteuid().as_raw();
    let is_ours_alone = found.uid() == us && (us != 0 || found.gid() == 0);
    let (wrong, command) = match is_ours_alone {
        true => (0o077, "chmod 600"),
        false => (0o027, "chmod g-w,o="),
    };
    (found.mode() & wrong != 0).then(|| format!("{command} {}", path.display()))
}

#[cfg(not(unix))]
pub(super) fn closing(_: &Path) -> Option<String> {
    None
}
