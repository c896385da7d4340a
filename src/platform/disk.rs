//! How much room a disk has left, and how a size is told.

use std::path::Path;

use super::files::folder_of;

/// How many bytes the disk has left on which `file` lies; nothing where the system does not say.
#[cfg(unix)]
pub fn free(file: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder_of(file)).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// How many bytes the disk has left on which `file` lies; nothing where the system does not say.
#[cfg(not(unix))]
pub fn free(_: &Path) -> Option<u64> {
    None
}

/// A size as people read it.
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
    use super::bytes;

    #[test]
    fn a_size_is_told_in_the_unit_that_fits() {
        assert_eq!(bytes(0), "0.0 KB");
        assert_eq!(bytes(999_949), "999.9 KB");
        assert_eq!(bytes(1_234_567), "1.2 MB");
        assert_eq!(bytes(3_200_000_000_000_000), "3200.0 TB");
    }
}
