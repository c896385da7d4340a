//! Decides which passwords are accepted, and hashes and verifies them with Argon2id: never on an
//! async thread, and never more at once than there are processors.

mod about;
mod blocklist;
mod hasher;
mod strength;

use std::fmt;

use argon2::Params;

use super::bounded::Bounded;
use crate::platform::error::AppError;

pub use about::About;
pub use blocklist::Blocklist;
pub use hasher::COST;
use hasher::Hasher;
pub use strength::Strength;

/// Passwords longer than this many characters are refused before they are hashed.
pub const MAX_LENGTH: usize = 128;

/// How many may wait for a processor; beyond them, the answer is that the server is busy.
const QUEUE: usize = 64;

/// A password as typed: never trimmed, folded or shown.
#[derive(Clone)]
pub struct Password(String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// What a form shows beside the field for a new password.
#[derive(Clone, Debug)]
pub struct PasswordField {
    /// The shortest password that is accepted, in characters.
    pub min_length: usize,
    /// The strength of the typed password.
    pub strength: Option<Strength>,
}

impl PasswordField {
    /// A sentence about a weak password, with a leading space, to follow the message that it was
    /// accepted. Empty otherwise.
    pub fn remark(&self) -> String {
        match self.strength.as_ref().filter(|strength| strength.is_weak()) {
            Some(weak) => format!(
                " Your password is {}: {}. Add a few more words to make it stronger.",
                weak.word(),
                weak.guessing()
            ),
            None => String::new(),
        }
    }
}

/// A new password that was checked.
#[derive(Debug)]
pub struct Chosen {
    /// The password, or what is wrong with it.
    pub password: Result<Password, String>,
    /// What the form shows if it is rendered again.
    pub field: PasswordField,
}

/// Hashes and verifies passwords.
#[derive(Clone, Debug)]
pub struct Passwords {
    min_length: usize,
    blocklist: Blocklist,
    hashing: Bounded,
    hasher: Hasher,
}

impl Passwords {
    /// `min_length` in characters and `blocklist` as the operator has set them, and what a hash costs.
    pub fn new(min_length: usize, blocklist: Blocklist, cost: Params) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let hashing = Bounded::new(processors, QUEUE);
        Self { min_length, blocklist, hashing, hasher: Hasher::new(cost) }
    }

    /// The field for a new password before anything was typed.
    pub fn field(&self) -> PasswordField {
        PasswordField { min_length: self.min_length, strength: None }
    }

    /// Accepts a new password for the person in `about`, or says what is wrong with it. No
    /// particular characters are required.
    ///
    /// # Errors
    /// [`AppError::Busy`] when too many are waiting for a processor.
    pub async fn choose(&self, typed: &str, about: About) -> Result<Chosen, AppError> {
        let password = self.of_good_length(typed);
        let mut field = self.field();
        if typed.is_empty() || typed.chars().count() > MAX_LENGTH {
            return Ok(Chosen { password, field });
        }
        let (typed, blocklist) = (typed.to_owned(), self.blocklist.clone());
        let looked_at = move || {
            let refused = blocklist.look_up(&typed).map(blocklist::Listed::words);
            let refused =
                refused.or_else(|| about.is_all_of(&typed, &blocklist).map(about::Kind::words));
            match refused {
                Some(words) => (Some(words), Strength::of_refused()),
                None => (None, Strength::of(&typed, &about)),
            }
        };
        let (refused, strength) = self.blocking(looked_at).await?;
        field.strength = Some(strength);
        let password = password.and_then(|password| match refused {
            Some(words) => Err(words.to_owned()),
            None => Ok(password),
        });
        Ok(Chosen { password, field })
    }

    /// Checks only the length of a new password.
    pub fn look_at_length(&self, typed: &str) -> Result<(), String> {
        self.of_good_length(typed).map(drop)
    }

    fn of_good_length(&self, typed: &str) -> Result<Password, String> {
        let length = typed.chars().count();
        if length == 0 {
            return Err("Choose a password.".to_owned());
        }
        if length < self.min_length {
            return Err(format!(
                "Use at least {} characters; this has {length}. A few random words work well.",
                self.min_length
            ));
        }
        if length > MAX_LENGTH {
            return Err(format!("Use up to {MAX_LENGTH} characters; this has {length}."));
        }
        Ok(Password(typed.to_owned()))
    }

    /// The hash to store, in PHC format.
    pub async fn hash(&self, password: Password) -> Result<String, AppError> {
        let hasher = self.hasher.clone();
        self.blocking(move || {
            hasher
                .hash(password.0.as_bytes())
                .map_err(|error| AppError::internal(error.to_string()))
        })
        .await?
    }

    /// Whether `hash` was made from the password `typed`. Without a hash it takes just as long and
    /// returns false, so that the time does not reveal whether an address is known. The same
    /// applies to the empty hash of an account whose password was revoked.
    pub async fn verify(&self, typed: String, hash: Option<String>) -> Result<bool, AppError> {
        if typed.chars().count() > MAX_LENGTH {
            return Ok(false);
        }
        let hasher = self.hasher.clone();
        self.blocking(move || match hash {
            Some(hash) if !hash.is_empty() => hasher.verify(typed.as_bytes(), &hash),
            _ => {
                let _same_work = hasher.hash(typed.as_bytes());
                false
            }
        })
        .await
    }

    /// A new hash of the correct password, if `hash` does not have the current parameters.
    pub async fn renewed(&self, right: &str, hash: &str) -> Result<Option<String>, AppError> {
        if self.hasher.is_current(hash) {
            return Ok(None);
        }
        self.hash(Password(right.to_owned())).await.map(Some)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AppError> {
        self.hashing.run(work).await?.map_err(|error| AppError::Internal(Box::new(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn asvs_11_4_2_a_password_is_hashed_as_typed_with_the_documented_parameters() {
        let passwords = Passwords::new(12, Blocklist::default(), COST);
        let password = passwords.of_good_length(" twelve chars ").unwrap();
        let hash = passwords.hash(password).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(passwords.renewed(" twelve chars ", &hash).await.unwrap(), None, "{hash}");
        assert!(passwords.verify(" twelve chars ".into(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("twelve chars".into(), Some(hash)).await.unwrap());
        assert!(!passwords.verify("twelve chars".into(), None).await.unwrap());
    }

    #[test]
    fn length_is_counted_in_characters() {
        let passwords = Passwords::new(12, Blocklist::default(), COST);
        let refusal = |typed: &str| passwords.of_good_length(typed).err().unwrap_or_default();
        assert_eq!(refusal("éééééééééééé"), "");
        assert!(refusal("ééééééé").contains("at least 12"));
        assert_eq!(refusal(&"x".repeat(128)), "");
        assert!(refusal(&"x".repeat(129)).contains("up to 128"));
    }
}
