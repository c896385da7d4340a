//! The keys that seal secrets at rest, and the file in which they lie.

use std::fmt;
use std::io::Write;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};

use super::{create_private_folder, digest, random_bytes};

const NONCE_BYTES: usize = 24;
const KEY_ID_BYTES: usize = 4;

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
}
