//! The secret key.

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
            "Restore it from the backup, readable for the service.",
        );
    }
    if is_open_to_others(path) {
        return Check::fail(
            ABOUT,
            format!("Others can read {shown}."),
            format!("chmod 600 {shown}"),
        );
    }
    Check::ok(ABOUT, format!("{shown} is there, and its owner's alone."))
}

#[cfg(unix)]
pub(super) fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
pub(super) fn is_open_to_others(_: &Path) -> bool {
    false
}
