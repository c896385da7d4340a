//! Recovery codes, for people who have lost every other factor. Ten, each of which works once.

use crate::platform::secrets::{digest, random_bytes};
use crate::platform::text::code;

/// How many there are.
pub(super) const COUNT: usize = 10;
/// How many letters a code has: five random bits each, 125 in all. NIST asks for 112 where a code
/// is kept as a plain digest.
const LETTERS: usize = 25;
/// Digits and letters of which no two look alike.
const ALPHABET: &[u8; 32] = b"23456789abcdefghjkmnpqrstuvwxyz0";

/// A fresh code, as it is shown: `7kq2m-…`.
pub(super) fn random() -> String {
    let letters: Vec<char> = random_bytes::<LETTERS>()
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte & 31)]))
        .collect();
    let groups: Vec<String> = letters.chunks(5).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// What is stored of a code, however it was typed; `None` for what cannot be one.
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
