//! The keyring, which seals secrets at rest and opens them.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use chacha20poly1305::XNonce;
use chacha20poly1305::aead::{Aead, Payload};

use super::file::{Changing, create_private};
use super::key::{KEY_ID_BYTES, Key, KeyId, KeyringError, lines, read};
use super::random_bytes;

const NONCE_BYTES: usize = 24;

/// How long not to read the file again after it lacked a key.
const PAUSE: Duration = Duration::from_secs(1);

/// The keys that seal secrets at rest. The first one seals; all of them open.
///
/// A keyring that was read from a file follows the file: if a key is missing, it is looked up
/// there, because another process may have added it and sealed something with it.
#[derive(Clone)]
pub struct Keyring(Arc<Ring>);

struct Ring {
    /// The file it was read from; in tests there may be none.
    path: Option<PathBuf>,
    keys: RwLock<Vec<Key>>,
    /// When the file was last searched for a key.
    looked: Mutex<Option<Instant>>,
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
    /// A keyring with one random key, for tests.
    pub fn random() -> Self {
        Self::of(None, vec![Key::random()])
    }

    /// Reads the keyring at `path`; `None` if there is no file.
    ///
    /// # Errors
    /// When the file cannot be read, or is not a keyring.
    pub fn load(path: &Path) -> Result<Option<Self>, KeyringError> {
        Ok(read(path)?.map(|keys| Self::of(Some(path.to_owned()), keys)))
    }

    /// Creates a keyring at `path` that only its owner can read. If another process has just done
    /// so, returns that one. The caller has to make sure that no earlier key is needed
    /// ([`missing_keys`](crate::platform::sealed::missing_keys)).
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(path: &Path) -> Result<Self, KeyringError> {
        create_private(path, &lines(&[Key::random()]))?;
        // Read it again: if two start at once, both must end up with the same key.
        Self::load(path)?.ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound).into())
    }

    fn of(path: Option<PathBuf>, keys: Vec<Key>) -> Self {
        Self(Arc::new(Ring { path, keys: RwLock::new(keys), looked: Mutex::default() }))
    }

    fn keys(&self) -> RwLockReadGuard<'_, Vec<Key>> {
        self.0.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The ids of its keys, beginning with the one that seals.
    pub fn ids(&self) -> Vec<KeyId> {
        self.keys().iter().map(|key| key.id).collect()
    }

    /// The id of the key that seals.
    pub fn first(&self) -> KeyId {
        self.keys()[0].id
    }

    /// Whether it, or its file by now, contains the key with this id.
    pub fn has(&self, id: KeyId) -> bool {
        self.holds(id) || (self.learns() && self.holds(id))
    }

    fn holds(&self, id: KeyId) -> bool {
        self.keys().iter().any(|key| key.id == id)
    }

    /// Adds a new first key, also in the file, and returns its id.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put_first(&self) -> Result<KeyId, KeyringError> {
        let key = Key::random();
        let id = key.id;
        self.change(|keys| keys.insert(0, key))?;
        Ok(id)
    }

    /// Removes the key with this id, also from the file. The caller has to make sure that nothing
    /// needs it, and that it is not the first.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn take_out(&self, id: KeyId) -> Result<(), KeyringError> {
        self.change(|keys| keys.retain(|key| key.id != id))
    }

    /// Applies a change to the file's current content, which keeps changes by other processes.
    fn change(&self, change: impl FnOnce(&mut Vec<Key>)) -> Result<(), KeyringError> {
        let mut keys = self.0.keys.write().unwrap_or_else(PoisonError::into_inner);
        let Some(path) = &self.0.path else {
            change(&mut keys);
            return Ok(());
        };
        let file = Changing::begin(path)?;
        let mut changed = read(path)?.ok_or(KeyringError::Malformed)?;
        change(&mut changed);
        if changed.is_empty() {
            return Err(KeyringError::Malformed);
        }
        file.finish(&lines(&changed))?;
        *keys = changed;
        Ok(())
    }

    /// Reads the file again. Its first key seals from now on; keys that were removed from it can
    /// still open. Returns whether the first key has changed.
    ///
    /// # Errors
    /// When the file cannot be read or is not a keyring; then nothing changes.
    pub fn reread(&self) -> Result<bool, KeyringError> {
        let Some(mut read) = self.0.path.as_deref().map(read).transpose()?.flatten() else {
            return Ok(false);
        };
        let mut keys = self.0.keys.write().unwrap_or_else(PoisonError::into_inner);
        let gone = keys.iter().filter(|key| !read.iter().any(|other| other.id == key.id));
        read.extend(gone.cloned().collect::<Vec<_>>());
        let is_another = read[0].id != keys[0].id;
        *keys = read;
        Ok(is_another)
    }

    /// Adds new keys from the file, and returns whether there were any. It reads the file at most
    /// once a second, however many values no key opens.
    fn learns(&self) -> bool {
        let Some(path) = &self.0.path else { return false };
        let mut looked = self.0.looked.lock().unwrap_or_else(PoisonError::into_inner);
        if looked.is_some_and(|at| at.elapsed() < PAUSE) {
            return false;
        }
        *looked = Some(Instant::now());
        let Ok(Some(read)) = read(path) else { return false };
        let mut keys = self.0.keys.write().unwrap_or_else(PoisonError::into_inner);
        let before = keys.len();
        for key in read {
            if !keys.iter().any(|known| known.id == key.id) {
                keys.push(key);
            }
        }
        keys.len() > before
    }

    /// Seals `plain`. It only opens with the same `context`, so that a sealed value cannot be moved
    /// to another row or purpose.
    ///
    /// # Panics
    /// When `plain` is longer than 256 GiB.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        let key = &self.keys()[0];
        let nonce = random_bytes::<NONCE_BYTES>();
        let sealed = key
            .cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: context.as_bytes() })
            .expect("the text is shorter than the cipher's limit");
        [&key.id.0[..], &nonce, &sealed].concat()
    }

    /// Opens what [`Keyring::seal`] has sealed with the same `context`.
    ///
    /// # Errors
    /// When no key of the keyring has sealed it, or it was changed.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let (id, rest) = sealed.split_first_chunk::<KEY_ID_BYTES>().ok_or(Unsealable)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(Unsealable)?;
        if !self.has(KeyId(*id)) {
            return Err(Unsealable);
        }
        let keys = self.keys();
        let key = keys.iter().find(|key| key.id.0 == *id).ok_or(Unsealable)?;
        key.cipher
            .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: context.as_bytes() })
            .map_err(|_| Unsealable)
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

    fn of(lines: &[[u8; 32]]) -> Keyring {
        Keyring::of(None, lines.iter().copied().map(Key::new).collect())
    }

    #[test]
    fn asvs_13_3_4_a_new_first_key_seals_and_the_old_one_still_opens() {
        let (old, new) = ([1; 32], [2; 32]);
        let (before, after) = (of(&[old]), of(&[new, old]));
        let sealed = before.seal("x", b"old");
        assert_eq!(after.open("x", &sealed).unwrap(), b"old");
        assert!(before.open("x", &after.seal("x", b"new")).is_err());
    }

    #[test]
    fn a_key_that_another_process_has_put_first_opens_here_and_seals_once_the_file_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let here = Keyring::create(&path).unwrap();
        let before = here.seal("x", b"before");
        let there = Keyring::load(&path).unwrap().unwrap();
        let new = there.put_first().unwrap();
        assert_eq!(here.open("x", &there.seal("x", b"new")).unwrap(), b"new");
        assert_ne!(here.first(), new);
        assert!(here.reread().unwrap() && !here.reread().unwrap());
        assert_eq!(here.first(), new);
        assert_eq!(there.open("x", &here.seal("x", b"also new")).unwrap(), b"also new");
        // A key that was removed from the file still opens in a process that knows it.
        there.take_out(there.ids()[1]).unwrap();
        assert!(there.open("x", &before).is_err());
        assert!(!here.reread().unwrap());
        assert_eq!(here.open("x", &before).unwrap(), b"before");
    }

    #[test]
    fn a_file_that_is_no_keyring_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let keyring = Keyring::create(&path).unwrap();
        let first = keyring.first();
        std::fs::write(&path, "half a li").unwrap();
        assert!(keyring.reread().is_err());
        assert_eq!(keyring.ids(), [first]);
    }
}
