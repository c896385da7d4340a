//! Codes of authenticator apps: RFC 6238 with SHA-1, six digits and thirty seconds, which every app
//! supports.

use totp_rs::{Builder, Secret, Totp};

use crate::core::factors::noun::TotpFactorId;
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::sealed::Column;
use crate::platform::secrets::random_bytes;

/// The length of SHA-1's result, in bytes, which RFC 4226 recommends.
const SEED_BYTES: usize = 20;
/// The issuer that an app shows for the codes.
const ISSUER: &str = "Tenantry";

/// The secret shared with an app.
pub(super) struct Seed(Vec<u8>);

impl Seed {
    /// Makes a new seed.
    pub fn random() -> Self {
        Self(random_bytes::<SEED_BYTES>().to_vec())
    }

    /// Seals the seed for the factor `id`: it does not open for another.
    pub fn seal(&self, app: &App, id: TotpFactorId) -> Vec<u8> {
        app.keyring.seal(&Column::Seed.context(id), &self.0)
    }

    /// Opens the seed stored for the factor `id`; `None` if the key that sealed it is missing,
    /// which the operator has to fix, and which is not an internal error.
    pub fn open(app: &App, id: TotpFactorId, sealed: &[u8]) -> Option<Self> {
        let seed = app.keyring.open(&Column::Seed.context(id), sealed);
        seed.inspect_err(|error| tracing::warn!(factor = %id, %error, "an app cannot be checked"))
            .map(Self)
            .ok()
    }

    /// The time step of `code`, if it is the current one, the one before or the one after.
    pub fn step_of(&self, code: &str, now: Timestamp) -> Result<Option<i64>> {
        let seconds = u64::try_from(now.as_micros() / 1_000_000).unwrap_or_default();
        let step = self.totp(None)?.check(code, seconds);
        Ok(step.and_then(|step| i64::try_from(step).ok()))
    }

    /// The seed in letters, for typing it into an app.
    pub fn letters(&self) -> String {
        let letters = self.secret().to_base32();
        let letters = letters.trim_end_matches('=').as_bytes();
        let groups = letters.chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>();
        groups.join(" ")
    }

    /// The seed as a URL, for a QR code that an app reads.
    pub fn url(&self, email: &EmailAddress) -> Result<String> {
        self.totp(Some(email))?.to_url().map_err(internal)
    }

    fn totp(&self, email: Option<&EmailAddress>) -> Result<Totp> {
        // A colon would end the issuer in the app's label.
        let account = email.map(|email| email.to_string().replace(':', " "));
        Builder::new()
            .with_secret(self.secret())
            .with_skew(1)
            .with_issuer(Some(ISSUER))
            .with_account_name(account.unwrap_or_else(|| ISSUER.to_owned()))
            .build()
            .map_err(internal)
    }

    fn secret(&self) -> Secret {
        Secret::from(self.0.clone())
    }
}

fn internal(error: impl std::fmt::Display) -> AppError {
    AppError::internal(error.to_string())
}
