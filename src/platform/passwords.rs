//! Hashing and checking passwords with Argon2id, never on an async thread and never more at once
//! than there are processors.

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;

use crate::error::AppError;

/// Passwords longer than this many characters are refused before they are hashed.
pub const MAX_LENGTH: usize = 128;

/// How many may wait for a processor; whoever comes after them is told that the server is busy.
const QUEUE: usize = 64;

/// A password as it was typed: never trimmed, folded or shown.
#[derive(Clone)]
pub struct Password(String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Hashes and checks passwords.
#[derive(Clone, Debug)]
pub struct Passwords {
    min_length: usize,
    processors: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

impl Passwords {
    /// `min_length` in characters, as the operator has set it.
    pub fn new(min_length: usize) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            min_length,
            processors: Arc::new(Semaphore::new(processors)),
            queue: Arc::new(Semaphore::new(processors + QUEUE)),
        }
    }

    /// The shortest password that is taken, in characters.
    pub fn min_length(&self) -> usize {
        self.min_length
    }

    /// Takes a new password, or says what is wrong with it.
    pub fn accept(&self, typed: &str) -> Result<Password, String> {
        let length = typed.chars().count();
        if length == 0 {
            return Err("Choose a password.".to_owned());
        }
        if length < self.min_length {
            return Err(format!(
                "This has {length} characters; use at least {}. A few words in a row work well.",
                self.min_length
            ));
        }
        if length > MAX_LENGTH {
            return Err(format!("Use at most {MAX_LENGTH} characters."));
        }
        Ok(Password(typed.to_owned()))
    }

    /// The hash to store, in PHC form.
    pub async fn hash(&self, password: Password) -> Result<String, AppError> {
        self.blocking(move || {
            hasher()
                .hash_password(password.0.as_bytes())
                .map(|hash| hash.to_string())
                .map_err(|error| AppError::internal(error.to_string()))
        })
        .await?
    }

    /// Whether `typed` is the password that `hash` was made of. Without a hash it takes as long
    /// and answers no, so that an unknown address cannot be told by the time.
    pub async fn verify(&self, typed: String, hash: Option<String>) -> Result<bool, AppError> {
        if typed.chars().count() > MAX_LENGTH {
            return Ok(false);
        }
        self.blocking(move || match hash {
            Some(hash) => PasswordHash::new(&hash)
                .is_ok_and(|hash| hasher().verify_password(typed.as_bytes(), &hash).is_ok()),
            None => {
                let _same_work = hasher().hash_password(typed.as_bytes());
                false
            }
        })
        .await
    }

    /// The hash of the right password in today's form, where `hash` has another.
    pub async fn renewed(&self, right: &str, hash: &str) -> Result<Option<String>, AppError> {
        if hash.starts_with(TODAY) {
            return Ok(None);
        }
        self.hash(Password(right.to_owned())).await.map(Some)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AppError> {
        let _place = self.queue.try_acquire().map_err(|_| AppError::Busy)?;
        let processor = Arc::clone(&self.processors)
            .acquire_owned()
            .await
            .map_err(|error| AppError::Internal(Box::new(error)))?;
        tokio::task::spawn_blocking(move || {
            // Held by the work itself: a client that goes away does not free the processor.
            let _processor = processor;
            work()
        })
        .await
        .map_err(|error| AppError::Internal(Box::new(error)))
    }
}

/// How hashes begin that are made today.
const TODAY: &str = "$argon2id$v=19$m=19456,t=2,p=1$";

/// Argon2id with m = 19 MiB, t = 2, p = 1: the least that OWASP's password storage sheet takes.
fn hasher() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_hashed_as_typed_with_the_documented_parameters() {
        let passwords = Passwords::new(12);
        let hash = passwords.hash(passwords.accept(" twelve chars ").unwrap()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hash.starts_with(TODAY), "a new hash is not renewed: {hash}");
        assert!(passwords.verify(" twelve chars ".into(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("twelve chars".into(), Some(hash)).await.unwrap());
        assert!(!passwords.verify("twelve chars".into(), None).await.unwrap());
    }

    #[test]
    fn length_is_counted_in_characters() {
        let passwords = Passwords::new(12);
        assert!(passwords.accept("éééééééééééé").is_ok());
        assert!(passwords.accept("ééééééé").unwrap_err().contains("at least 12"));
        assert!(passwords.accept(&"x".repeat(129)).unwrap_err().contains("at most 128"));
    }
}
