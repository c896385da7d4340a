//! Texts joined while the program is built: SQL from parts that are constants.

/// How long `parts` are together.
pub const fn length(parts: &[&str]) -> usize {
    let mut length = 0;
    let mut part = 0;
    while part < parts.len() {
        length += parts[part].len();
        part += 1;
    }
    length
}

/// The bytes of `parts`, one behind the other; `N` is their [`length`].
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

/// Joins constant texts into one: `join!("select ", Client::COLUMNS, " from clients c")`. Unlike
/// `concat!` it takes constants, and not literals alone.
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
