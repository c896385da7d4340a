//! Helpers for files that several parts need.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The folder of a file; the current folder if the path names none.
pub fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Reads the file at `path`, or returns `None` if it contains more than `most` bytes. This does not
/// rely on the file's size: some files, such as `/dev/zero`, claim to be empty and never end.
///
/// # Errors
/// When the file cannot be read.
pub fn read_up_to(most: u64, path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_folder_lies_in_the_current_one() {
        assert_eq!(folder_of(Path::new("a.db")), Path::new("."));
        assert_eq!(folder_of(Path::new("data/a.db")), Path::new("data"));
        assert_eq!(folder_of(Path::new("/a.db")), Path::new("/"));
    }

    #[test]
    fn what_is_too_large_or_never_ends_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "1234").unwrap();
        assert_eq!(read_up_to(4, &file).unwrap().as_deref(), Some(&b"1234"[..]));
        assert_eq!(read_up_to(3, &file).unwrap(), None);
        #[cfg(unix)]
        assert_eq!(read_up_to(1000, Path::new("/dev/zero")).unwrap(), None);
    }
}
