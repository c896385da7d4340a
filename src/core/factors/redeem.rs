//! Redeems what was entered as a second factor, once.

use super::challenge::Challenge;
use super::mail;
use super::model::Holder;
use super::passkeys::{Ceremony, Shown, site};
use super::recovery;
use super::sql::{self, SealedSeed};
use super::totp::Seed;
use crate::core::accounts::{self, Credentials};
use crate::core::factors::noun::{FACTOR_USED, PASSKEY_COUNTER_FELL, RECOVERY_CODE_USED};
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::error::Result;
use crate::platform::session::Device;
use crate::platform::tenant::UnscopedTx;
use crate::platform::text::code;
use serde_json::json;

/// The result of redeeming a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Redeemed {
    /// It was right, and is now used up.
    Taken,
    /// It was wrong, or had been used before.
    Wrong,
    /// It may be right, but the key that sealed the secret for checking it is missing.
    Unreadable,
}

impl Redeemed {
    /// The error next to the field.
    pub fn words(self) -> &'static str {
        match self {
            Self::Taken => "",
            Self::Wrong => "This code is incorrect or has already been used.",
            Self::Unreadable => {
                "Codes from your authenticator app can't be checked, because the server has lost \
                 its key. Use a recovery code or a passkey, or contact the operator of this \
                 installation."
            }
        }
    }
}

/// Redeems the code of an app, or a recovery code. A code that was redeemed before, even just now
/// in another browser, is wrong.
pub(super) async fn redeem(
    tx: &mut UnscopedTx,
    holder: &Holder,
    typed: &str,
    now: Timestamp,
) -> Result<Redeemed> {
    match recovery::hash(typed) {
        Some(hash) => Ok(match take_recovery_code(tx, holder, &hash, now).await? {
            true => Redeemed::Taken,
            false => Redeemed::Wrong,
        }),
        None => take_app_code(tx, holder, &code(typed), now).await,
    }
}

async fn take_app_code(
    tx: &mut UnscopedTx,
    holder: &Holder,
    code: &str,
    now: Timestamp,
) -> Result<Redeemed> {
    let app = tx.app().clone();
    let factors = sql::totp_seeds(tx, holder.id).await?;
    let open = |factor: &SealedSeed| Seed::open(&app, factor.id, &factor.sealed_seed);
    let seeds: Vec<_> = factors.iter().filter_map(|f| Some((f.id, open(f)?))).collect();
    // If at least one can be checked, the guess counts.
    if seeds.is_empty() && !factors.is_empty() {
        return Ok(Redeemed::Unreadable);
    }
    for (id, seed) in seeds {
        if let Some(step) = seed.step_of(code, app.clock.machine())?
            && sql::use_step(tx, id, step, now).await?
        {
            tx.acting(holder.id, &holder.name, &holder.email);
            tx.record(holder.entry(FACTOR_USED));
            return Ok(Redeemed::Taken);
        }
    }
    Ok(Redeemed::Wrong)
}

async fn take_recovery_code(
    tx: &mut UnscopedTx,
    holder: &Holder,
    hash: &[u8],
    now: Timestamp,
) -> Result<bool> {
    if !sql::use_recovery_code(tx, holder.id, hash, now).await? {
        return Ok(false);
    }
    let left = sql::recovery_codes_left(tx, holder.id).await?;
    tx.acting(holder.id, &holder.name, &holder.email);
    tx.record(holder.entry(RECOVERY_CODE_USED).after(json!({ "left": left })));
    let what = format!("A recovery code for your account was used. You have {left} left.");
    mail::tell(tx, holder, &what).await?;
    Ok(true)
}

/// A browser's answer to the challenge that it carries.
pub(super) struct PasskeyAnswer<'a> {
    pub challenge: Option<&'a Challenge<Ceremony>>,
    pub credential: &'a str,
}

impl PasskeyAnswer<'_> {
    /// Drops the challenge unless `is_asked` is true for it.
    pub fn only(mut self, is_asked: impl Fn(&Ceremony) -> bool) -> Self {
        self.challenge = self.challenge.filter(|challenge| is_asked(&challenge.about));
        self
    }
}

/// Checks a passkey, and uses up the challenge; returns its owner's account if the answer is right.
pub(super) async fn look_at_passkey(
    app: &App,
    device: &Device,
    answer: PasskeyAnswer<'_>,
) -> Result<Option<Credentials>> {
    let (Some(site), Some(challenge)) = (site(app), answer.challenge) else {
        return Ok(None);
    };
    let mut tx = UnscopedTx::write(app).await?.from(device);
    let now = tx.now();
    let shown = match challenge.spend(&mut tx).await? {
        true => site.look_at(&mut tx, &challenge.about, answer.credential, now).await?,
        false => Shown::Wrong,
    };
    let user = match shown {
        Shown::Right(user) | Shown::CounterFell(user) => user,
        // A wrong answer rolls back the use of the challenge: only the passkey can answer it.
        Shown::Wrong => return Ok(None),
    };
    let Some(account) = accounts::credentials_of(&mut tx, user).await? else {
        return Ok(None);
    };
    let holder = Holder::from(&account);
    if matches!(shown, Shown::CounterFell(_)) {
        tracing::warn!(address = %device.address, "the counter of a passkey went backwards");
        tx.record(holder.entry(PASSKEY_COUNTER_FELL));
        let what = "A passkey was refused because it may have been copied. Remove it and create a \
                    new one.";
        mail::tell(&mut tx, &holder, what).await?;
        tx.commit().await?;
        return Ok(None);
    }
    tx.acting(holder.id, &holder.name, &holder.email);
    tx.record(holder.entry(FACTOR_USED).after(json!({ "kind": "passkey" })));
    tx.commit().await?;
    Ok(Some(account))
}
