//! A key with its id, and the format of a key file, which has one key per line.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Type};

use super::{digest, random_bytes};

/// The length of a key's id, with which every sealed value begins.
pub(super) const KEY_ID_BYTES: usize = 4;
const KEY_BYTES: usize = 32;

/// Identifies a key without revealing it: every sealed value begins with its key's id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(pub(super) [u8; KEY_ID_BYTES]);

impl KeyId {
    /// The bytes with which a sealed value begins.
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

impl<D: Database> Type<D> for KeyId
where
    Vec<u8>: Type<D>,
{
    fn type_info() -> D::TypeInfo {
        <Vec<u8>>::type_info()
    }

    fn compatible(ty: &D::TypeInfo) -> bool {
        <Vec<u8>>::compatible(ty)
    }
}

impl<'r, D: Database> Decode<'r, D> for KeyId
where
    Vec<u8>: Decode<'r, D>,
{
    fn decode(value: D::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let bytes = <Vec<u8>>::decode(value)?;
        Ok(Self(bytes.try_into().map_err(|_| "the id of a key has four bytes")?))
    }
}

/// A key, with its cipher.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) id: KeyId,
    line: [u8; KEY_BYTES],
    pub(super) cipher: XChaCha20Poly1305,
}

/// Why a key file cannot be used.
#[derive(Debug)]
pub enum KeyringError {
    /// It could not be read or created.
    Io(std::io::Error),
    /// It contains something other than one base64 key of 32 bytes on each line.
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

impl Key {
    pub(super) fn new(line: [u8; KEY_BYTES]) -> Self {
        let mut id = [0; KEY_ID_BYTES];
        id.copy_from_slice(&digest(&[b"key id ", &line[..]].concat())[..KEY_ID_BYTES]);
        Self { id: KeyId(id), line, cipher: XChaCha20Poly1305::new(&line.into()) }
    }

    pub(super) fn random() -> Self {
        Self::new(random_bytes())
    }
}

/// Reads the keys in the file at `path`; `None` if there is no file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<Key>>, KeyringError> {
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&text).map(Some),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn parse(text: &str) -> Result<Vec<Key>, KeyringError> {
    let keys = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let bytes = STANDARD.decode(line).map_err(|_| KeyringError::Malformed)?;
            Ok(Key::new(bytes.try_into().map_err(|_| KeyringError::Malformed)?))
        })
        .collect::<Result<Vec<_>, KeyringError>>()?;
    if keys.is_empty() { Err(KeyringError::Malformed) } else { Ok(keys) }
}

/// The content of the file.
pub(super) fn lines(keys: &[Key]) -> String {
    keys.iter().map(|key| STANDARD.encode(key.line) + "\n").collect()
}
