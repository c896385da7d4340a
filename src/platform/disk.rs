//! Free disk space, and sizes in words.

use std::path::Path;

use super::checkup::Check;
use super::files::folder_of;

/// The free bytes on the disk that holds `file`; `None` where the system does not say.
#[cfg(unix)]
pub fn free(file: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder_of(file)).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// The free bytes on the disk that holds `file`; `None`, because this system does not say.
#[cfg(not(unix))]
pub fn free(_: &Path) -> Option<u64> {
    None
}

/// Checks whether the `free` bytes on the database's disk are enough.
pub fn room(free: u64) -> Check {
    const ABOUT: &str = "free space";
    const MEGABYTE: u64 = 1024 * 1024;
    const MEND: &str = "Make room: on a full disk nothing is saved until there is some again.";
    let what = format!("The disk of the database has {} left.", bytes(free));
    match free / MEGABYTE {
        ..64 => Check::fail(ABOUT, what, MEND),
        64..512 => Check::warn(ABOUT, what, MEND),
        _ => Check::ok(ABOUT, what),
    }
}

/// Formats a number of bytes for people.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    let mut size = count as f64 / 1000.0;
    let mut unit = UNITS[0];
    for larger in &UNITS[1..] {
        if size < 1000.0 {
            break;
        }
        size /= 1000.0;
        unit = larger;
    }
    format!("{size:.1} {unit}")
}

#[cfg(test)]
mod tests {
    use super::{bytes, room};
    use crate::platform::checkup::Verdict;

    #[test]
    fn a_disk_that_is_full_fails_and_one_that_is_nearly_full_is_warned_of() {
        assert_eq!(room(0).verdict, Verdict::Fail);
        assert_eq!(room(63 << 20).verdict, Verdict::Fail);
        assert_eq!(room(64 << 20).verdict, Verdict::Warn);
        assert_eq!(room(512 << 20).verdict, Verdict::Ok);
        assert_eq!(room(u64::MAX).verdict, Verdict::Ok);
    }

    #[test]
    fn a_size_is_told_in_the_unit_that_fits() {
        assert_eq!(bytes(0), "0.0 KB");
        assert_eq!(bytes(999_949), "999.9 KB");
        assert_eq!(bytes(1_234_567), "1.2 MB");
        assert_eq!(bytes(3_200_000_000_000_000), "3200.0 TB");
    }
}
