//! Argon2id in reused memory: each hash needs 19 MiB. With a new allocation for each, the process
//! grew to many times that size and never returned the memory.

use std::fmt;
use std::sync::{Arc, Mutex};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, PasswordVerifier, Version};
use subtle::ConstantTimeEq;

use crate::platform::secrets::random_bytes;

/// The length that RFC 9106 recommends.
const SALT_BYTES: usize = 16;

/// What a hash costs by default, m = 19 MiB, t = 2, p = 1: the least that OWASP's cheat sheet on
/// password storage accepts.
pub const COST: Params = Params::DEFAULT;

/// Hashes and checks passwords. It keeps as much memory as was in use at once: at most one piece for
/// each processor.
#[derive(Clone)]
pub(super) struct Hasher {
    cost: Params,
    memory: Arc<Mutex<Vec<Memory>>>,
}

type Memory = Vec<Block>;

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher(…)")
    }
}

impl Hasher {
    pub fn new(cost: Params) -> Self {
        Self { cost, memory: Arc::default() }
    }

    fn argon2(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.cost.clone())
    }

    /// Whether a hash was made with today's algorithm and cost.
    pub fn is_current(&self, hash: &str) -> bool {
        PasswordHash::new(hash).is_ok_and(|hash| self.made(&hash))
    }

    fn made(&self, hash: &PasswordHash) -> bool {
        hash.algorithm == Algorithm::Argon2id.ident()
            && hash.version == Some(Version::V0x13.into())
            && ParamsString::try_from(&self.cost).is_ok_and(|today| today == hash.params)
    }

    /// Hashes with a new salt, into PHC format.
    pub fn hash(&self, password: &[u8]) -> argon2::password_hash::Result<String> {
        let argon2 = self.argon2();
        let salt = random_bytes::<SALT_BYTES>();
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(argon2.params())?,
            salt: Some(Salt::new(&salt)?),
            hash: Some(Output::new(&self.digest(&argon2, password, &salt)?)?),
        };
        Ok(hash.to_string())
    }

    /// Whether `hash` was made from `password`, with any parameters.
    pub fn verify(&self, password: &[u8], hash: &str) -> bool {
        let Ok(hash) = PasswordHash::new(hash) else { return false };
        let argon2 = self.argon2();
        match (&hash.salt, &hash.hash) {
            (Some(salt), Some(output)) if self.made(&hash) && output.len() == DIGEST_BYTES => self
                .digest(&argon2, password, salt.as_ref())
                .is_ok_and(|digest| digest.ct_eq(output.as_ref()).into()),
            _ => argon2.verify_password(password, &hash).is_ok(),
        }
    }

    fn digest(
        &self,
        argon2: &Argon2<'_>,
        password: &[u8],
        salt: &[u8],
    ) -> argon2::Result<[u8; DIGEST_BYTES]> {
        let mut memory = self.take();
        memory.resize(argon2.params().block_count(), Block::default());
        let mut digest = [0; DIGEST_BYTES];
        argon2.hash_password_into_with_memory(password, salt, &mut digest, &mut memory[..])?;
        self.pieces().push(memory);
        Ok(digest)
    }

    fn take(&self) -> Memory {
        self.pieces().pop().unwrap_or_default()
    }

    fn pieces(&self) -> std::sync::MutexGuard<'_, Vec<Memory>> {
        self.memory.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

const DIGEST_BYTES: usize = Params::DEFAULT_OUTPUT_LEN;

#[cfg(test)]
mod tests {
    use argon2::PasswordHasher;

    use super::*;

    #[test]
    fn it_hashes_as_the_library_does_and_checks_what_that_has_hashed() {
        let hasher = Hasher::new(COST);
        let ours = hasher.hash(b"correct horse").unwrap();
        let parsed = PasswordHash::new(&ours).unwrap();
        assert!(hasher.argon2().verify_password(b"correct horse", &parsed).is_ok(), "{ours}");
        let theirs = hasher.argon2().hash_password(b"correct horse").unwrap().to_string();
        assert!(hasher.verify(b"correct horse", &theirs));
        assert!(!hasher.verify(b"correct house", &theirs));
        assert_ne!(hasher.hash(b"correct horse").unwrap(), ours, "each has a salt of its own");
        let weak =
            Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
        let weak = weak.hash_password(b"correct horse").unwrap().to_string();
        assert!(hasher.verify(b"correct horse", &weak), "{weak}");
        assert!(!hasher.verify(b"correct horse", "no hash at all"));
    }

    #[test]
    fn there_is_as_much_memory_as_hashes_at_once_and_it_is_used_again() {
        let hasher = Hasher::new(COST);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..4).for_each(|_| drop(hasher.hash(b"correct horse"))));
            }
        });
        assert!(hasher.pieces().len() <= 2, "{}", hasher.pieces().len());
    }
}
