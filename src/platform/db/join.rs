//! Joins constant texts at compile time, such as parts of SQL statements.

/// The length of `parts` in all, in bytes.
pub const fn length(parts: &[&str]) -> usize {
    let mut length = 0;
    let mut part = 0;
    while part < parts.len() {
        length += parts[part].len();
        part += 1;
    }
    length
}

/// The concatenated bytes of `parts`; `N` must be their [`length`].
pub const fn joined<const N: usize>(parts: &[&str]) -> [u8; N] {
    let mut joined = [0; N];
    let mut end = 0;
    let mut part = 0;
    while part < parts.len() {
        let (_, rest) = joined.split_at_mut(end);
        let (place, _) = rest.split_at_mut(parts[part].len());
        place.copy_from_slice(parts[part].as_bytes());
        end += parts[part].len();
        part += 1;
    }
    joined
}

/// Joins constant texts: `join!("select ", Client::COLUMNS, " from clients c")`. Unlike `concat!`,
/// it takes any constants, not only literals.
macro_rules! join {
    ($($part:expr),+ $(,)?) => {{
        const PARTS: &[&str] = &[$($part),+];
        const BYTES: [u8; $crate::platform::db::join::length(PARTS)] =
            $crate::platform::db::join::joined(PARTS);
        match std::str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => panic!("texts are joined between characters"),
        }
    }};
}
pub(crate) use join;

#[cfg(test)]
mod tests {
    #[test]
    fn constants_and_literals_become_one_text() {
        const COLUMNS: &str = "c.id, c.name";
        const TEXT: &str = join!("select ", COLUMNS, " → ", "clients c");
        assert_eq!(TEXT, "select c.id, c.name → clients c");
    }
}
