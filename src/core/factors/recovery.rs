//! Recovery codes, for people who have lost all other factors. There are ten, each of which works
//! once.

use crate::platform::secrets::{digest, random_bytes};
use crate::platform::text::code;

/// The number of codes.
pub(super) const COUNT: usize = 10;
/// The number of letters in a code: five random bits each, 125 in all. NIST requires 112 if a code
/// is stored as a plain digest.
const LETTERS: usize = 25;
/// Digits and letters, no two of which look alike.
const ALPHABET: &[u8; 32] = b"23456789abcdefghjkmnpqrstuvwxyz0";

/// Makes a code in the format in which it is shown: `7kq2m-…`.
pub(super) fn random() -> String {
    let letters: Vec<char> = random_bytes::<LETTERS>()
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte & 31)]))
        .collect();
    let groups: Vec<String> = letters.chunks(5).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// The stored form of a code, however it was typed; `None` if it cannot be one.
pub(super) fn hash(typed: &str) -> Option<Vec<u8>> {
    let code = code(typed);
    (code.len() == LETTERS).then(|| digest(code.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::{hash, random};

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let code = random();
        assert_eq!(code.len(), 29, "{code}");
        let typed = format!(" {} ", code.replace('-', " ").to_uppercase());
        assert!(hash(&code).is_some());
        assert_eq!(hash(&typed), hash(&code));
        assert_eq!(hash(&code.replace('-', "\u{2013}\u{200B}")), hash(&code));
        assert_eq!(hash("123456"), None);
        assert_ne!(random(), random());
    }
}
