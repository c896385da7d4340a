//! Tokens, their digests, and the keyring that seals what must be readable once more.
//!
//! A token is stored as its SHA-256 digest only. Where a token has to leave later, in a mail that
//! waits in the outbox or as the link an admin copies, it waits sealed with the keyring.

use std::fmt;
use std::io::Write;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};

const NONCE_BYTES: usize = 24;
const KEY_ID_BYTES: usize = 4;

/// Fills an array from the operating system's generator.
///
/// # Panics
/// When the operating system gives no randomness: nothing can be served safely then.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A secret of 32 random bytes that is mailed to somebody and redeemed once.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A fresh token.
    pub fn random() -> Self {
        Self(URL_SAFE_NO_PAD.encode(random_bytes::<32>()))
    }

    /// A token as it came back in a URL; `None` when it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// The text that stands in the link.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the database keeps instead of the token.
    pub fn digest(&self) -> Vec<u8> {
        digest(self.0.as_bytes())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// SHA-256 of `bytes`: enough for secrets with 128 bits of randomness and more.
pub fn digest(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

/// Tells keys apart, and opens nothing: every sealed value begins with that of its key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId([u8; KEY_ID_BYTES]);

impl KeyId {
    /// The bytes that a sealed value begins with.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl FromStr for KeyId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not the id of a key: eight hexadecimal digits");
        if text.len() != 2 * KEY_ID_BYTES || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let number = u32::from_str_radix(text, 16).map_err(|_| wrong())?;
        Ok(Self(number.to_be_bytes()))
    }
}

impl TryFrom<Vec<u8>> for KeyId {
    type Error = String;

    fn try_from(bytes: Vec<u8>) -> Result<Self, String> {
        let id = bytes.try_into().map_err(|_| "the id of a key has four bytes".to_owned())?;
        Ok(Self(id))
    }
}

/// The keys that seal secrets at rest. The first one seals; all of them open.
#[derive(Clone)]
pub struct Keyring(Arc<[Key]>);

struct Key {
    id: KeyId,
    cipher: XChaCha20Poly1305,
}

/// Why a keyring file cannot be used.
#[derive(Debug)]
pub enum KeyringError {
    /// It could not be read or made.
    Io(std::io::Error),
    /// It holds something else than one base64 key of 32 bytes on each line.
    Malformed,
}

impl fmt::Display for KeyringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Malformed => {
                f.write_str("each line must be a key: 32 bytes in base64 (openssl rand -base64 32)")
            }
        }
    }
}

impl std::error::Error for KeyringError {}

impl From<std::io::Error> for KeyringError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// A sealed value that no key of the keyring opens, or that was changed.
#[derive(Debug)]
pub struct Unsealable;

impl fmt::Display for Unsealable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no key in the keyring opens this")
    }
}

impl std::error::Error for Unsealable {}

impl Keyring {
    /// A keyring of one random key, for tests.
    pub fn random() -> Self {
        Self(Arc::new([Key::new(&random_bytes::<32>())]))
    }

    /// Reads the keyring at `path`; `None` where there is no file.
    ///
    /// # Errors
    /// When there is one that cannot be read, or is not a keyring.
    pub fn load(path: &Path) -> Result<Option<Self>, KeyringError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a keyring at `path` that only its owner can read, unless another process has just done
    /// so: then it is that one. Whether anything needs a key that was there before is the caller's
    /// to know ([`missing_keys`](super::sealed::missing_keys)).
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(path: &Path) -> Result<Self, KeyringError> {
        let text = STANDARD.encode(random_bytes::<32>()) + "\n";
        create_private(path, &text)?;
        // Read again: of two that start at once, both must end with the same key.
        Self::parse(&std::fs::read_to_string(path)?)
    }

    /// The ids of its keys, the one that seals first.
    pub fn ids(&self) -> impl Iterator<Item = KeyId> + '_ {
        self.0.iter().map(|key| key.id)
    }

    /// Whether it has the key with this id.
    pub fn has(&self, id: KeyId) -> bool {
        self.ids().any(|own| own == id)
    }

    fn parse(text: &str) -> Result<Self, KeyringError> {
        let keys = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(|line| {
                let bytes = STANDARD.decode(line).map_err(|_| KeyringError::Malformed)?;
                let bytes: [u8; 32] = bytes.try_into().map_err(|_| KeyringError::Malformed)?;
                Ok(Key::new(&bytes))
            })
            .collect::<Result<Vec<_>, KeyringError>>()?;
        if keys.is_empty() {
            return Err(KeyringError::Malformed);
        }
        Ok(Self(keys.into()))
    }

    /// Seals `plain`; it opens only with the same `context`, so that a sealed value cannot be
    /// moved to another row or purpose.
    ///
    /// # Panics
    /// When `plain` is longer than 256 GiB.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        let key = &self.0[0];
        let nonce = random_bytes::<NONCE_BYTES>();
        let sealed = key
            .cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: context.as_bytes() })
            .expect("the text is shorter than the cipher's limit");
        [&key.id.0[..], &nonce, &sealed].concat()
    }

    /// Opens what [`Keyring::seal`] sealed with the same `context`.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let (id, rest) = sealed.split_first_chunk::<KEY_ID_BYTES>().ok_or(Unsealable)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(Unsealable)?;
        let key = self.0.iter().find(|key| key.id.0 == *id).ok_or(Unsealable)?;
        key.cipher
            .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: context.as_bytes() })
            .map_err(|_| Unsealable)
    }
}

impl Key {
    fn new(bytes: &[u8; 32]) -> Self {
        let mut id = [0; KEY_ID_BYTES];
        id.copy_from_slice(&digest(&[b"key id ", &bytes[..]].concat())[..KEY_ID_BYTES]);
        Self { id: KeyId(id), cipher: XChaCha20Poly1305::new(bytes.into()) }
    }
}

/// Creates a folder that only its owner can look into, unless it is there already.
pub fn create_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Writes a file that only its owner can read, whole or not at all, unless it is there already.
fn create_private(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        create_private_folder(folder)?;
    }
    let draft = path.with_extension(format!("{}.draft", std::process::id()));
    let mut options = std::fs::File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    // A hard link fails where the name is taken, so the first of two processes wins.
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asvs_11_3_2_what_is_sealed_opens_with_the_same_context_only() {
        let keyring = Keyring::random();
        let sealed = keyring.seal("mail 1", b"the link");
        assert_eq!(keyring.open("mail 1", &sealed).unwrap(), b"the link");
        assert!(keyring.open("mail 2", &sealed).is_err());
        assert!(Keyring::random().open("mail 1", &sealed).is_err());
        assert!(keyring.open("mail 1", &sealed[..20]).is_err());
    }

    #[test]
    fn asvs_13_3_4_a_new_first_key_seals_and_the_old_one_still_opens() {
        let (old, new) = (STANDARD.encode([1; 32]), STANDARD.encode([2; 32]));
        let before = Keyring::parse(&old).unwrap();
        let after = Keyring::parse(&format!("{new}\n{old}\n")).unwrap();
        let sealed = before.seal("x", b"old");
        assert_eq!(after.open("x", &sealed).unwrap(), b"old");
        assert!(before.open("x", &after.seal("x", b"new")).is_err());
    }

    #[test]
    fn asvs_11_2_4_a_token_is_32_bytes_and_hides_itself_from_debug() {
        let token = Token::random();
        assert_eq!(Token::parse(token.expose()), Some(token.clone()));
        assert_eq!(Token::parse("short"), None);
        assert_eq!(Token::parse("not base64 at all !!"), None);
        assert_eq!(format!("{token:?}"), "Token(…)");
    }
}
