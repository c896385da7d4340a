//! Tokens, their digests, and the keyring that seals secrets which must be readable later.
//!
//! Only the SHA-256 digest of a token is stored. If the token itself is needed later, for an email
//! in the outbox or a link that an admin copies, it is sealed with the keyring.

mod file;
mod key;
mod keyring;

use std::fmt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

pub use key::{KeyId, KeyringError};
pub use keyring::{Keyring, Unsealable};

/// Returns random bytes from the operating system.
///
/// # Panics
/// When the operating system provides no randomness: nothing would be safe then.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A secret of 32 random bytes, emailed to somebody and redeemed once.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Makes a new token.
    pub fn random() -> Self {
        Self(URL_SAFE_NO_PAD.encode(random_bytes::<32>()))
    }

    /// Parses a token from a URL; `None` if it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// The text for the link.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The digest that is stored instead of the token.
    pub fn digest(&self) -> Vec<u8> {
        digest(self.0.as_bytes())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// SHA-256 of `bytes`: good enough for secrets with at least 128 random bits.
pub fn digest(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

/// Creates a folder that only its owner can open, unless it exists already.
pub fn create_private_folder(folder: &Path) -> std::io::Result<()> {
    private_folders().recursive(true).create(folder)
}

/// Creates a folder that only its owner can open. It fails if the name is taken, even by a link to
/// a folder.
pub fn create_new_private_folder(folder: &Path) -> std::io::Result<()> {
    private_folders().create(folder)
}

fn private_folders() -> std::fs::DirBuilder {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "other systems have no mode"))]
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asvs_11_2_4_a_token_is_32_bytes_and_hides_itself_from_debug() {
        let token = Token::random();
        assert_eq!(Token::parse(token.expose()), Some(token.clone()));
        assert_eq!(Token::parse("short"), None);
        assert_eq!(Token::parse("not base64 at all !!"), None);
        assert_eq!(format!("{token:?}"), "Token(…)");
    }
}
