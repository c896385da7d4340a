//! The commands that check a proof of identity: a repeated one while signed in, and the second
//! factor after the right password.

use serde_json::json;

use super::challenge::Challenge;
use super::guesses;
use super::model::Holder;
use super::noun::STEPPED_UP;
use super::redeem::{PasskeyAnswer, Redeemed, look_at_passkey, redeem};
use crate::core::accounts::{self, Credentials};
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::noun::Refusal;
use crate::platform::session::{self, CurrentUser, Device, SessionKey};
use crate::platform::tenant::UnscopedTx;

const NO_PASSKEY: &str = "Your passkey wasn't accepted, or it took too long. Try again.";

/// Checks a proof of a person who is signed in: a passkey, or the `typed` text, which is a code if
/// they have a second factor, and otherwise their password. Returns the kind of proof, for
/// [`step_up`].
///
/// # Errors
/// [`AppError::TooMany`] after too many wrong guesses; [`Refusal::Fields`] when the proof is wrong.
pub(super) async fn prove(
    app: &App,
    user: &CurrentUser,
    passkey: Option<PasskeyAnswer<'_>>,
    typed: String,
) -> Result<&'static str, Refusal> {
    let (holder, device) = (Holder::from(user), &user.device);
    let guess = guesses::take(app, &holder, device).await?;
    let (with, is_right, aim, field, words) = if let Some(answer) = passkey {
        let answer = answer.only(|asked| asked.sign_in == Some(user.sign_in_id));
        let account = look_at_passkey(app, device, answer).await?;
        let is_right = account.is_some_and(|account| account.user_id == user.id);
        ("passkey", is_right, "a passkey", "", NO_PASSKEY)
    } else if user.has_factor {
        let mut tx = user.write(app).await?;
        let redeemed = redeem(&mut tx, &holder, &typed, app.clock.now()).await?;
        match redeemed {
            Redeemed::Taken => tx.commit().await?,
            Redeemed::Wrong => drop(tx),
            Redeemed::Unreadable => {
                drop(tx);
                guess.take_back(app).await?;
                return Err(Refusal::field("code", redeemed.words()));
            }
        }
        let is_right = redeemed == Redeemed::Taken;
        ("second factor", is_right, "a second factor", "code", redeemed.words())
    } else {
        let mut tx = UnscopedTx::read(app).await?;
        let account =
            accounts::credentials_of(&mut tx, user.id).await?.ok_or(AppError::NotFound)?;
        tx.commit().await?;
        let is_right = app.passwords.verify(typed, Some(account.password_hash)).await?;
        ("password", is_right, "a password", "password", "Incorrect password.")
    };
    if is_right {
        guess.was_right(app).await?;
        return Ok(with);
    }
    guess.was_wrong(app, &holder, device, aim).await?;
    Err(Refusal::field(field, words))
}

/// Records that the person has authenticated `with` this proof; moves the sign-in to the session
/// `key`.
pub(super) async fn step_up(
    app: &App,
    user: &CurrentUser,
    key: &SessionKey,
    with: &'static str,
) -> Result<()> {
    let mut tx = user.write(app).await?;
    session::step_up(&mut tx, user.sign_in_id, key, app.clock.now()).await?;
    tx.record(Holder::from(user).entry(STEPPED_UP).after(json!({ "with": with })));
    tx.commit().await
}

/// Checks the second factor of a `pending` sign-in, a passkey or otherwise a code, and uses the
/// sign-in up; returns false if it had been used up before.
///
/// # Errors
/// [`AppError::TooMany`] after too many wrong guesses; [`Refusal::Fields`] when the factor is
/// wrong.
pub(super) async fn prove_half_way<T>(
    app: &App,
    device: &Device,
    pending: &Challenge<T>,
    account: &Credentials,
    passkey: Option<PasskeyAnswer<'_>>,
    code: &str,
) -> Result<bool, Refusal> {
    let holder = Holder::from(account);
    let guess = guesses::take_half_way(app, &holder, device).await?;
    let is_first = if let Some(answer) = passkey {
        let answer = answer.only(|asked| asked.user == Some(holder.id));
        if look_at_passkey(app, device, answer).await?.is_none() {
            guess.was_wrong(app, &holder, device, "a passkey").await?;
            return Err(Refusal::field("", NO_PASSKEY));
        }
        guess.take_back(app).await?;
        let mut tx = UnscopedTx::write(app).await?;
        let is_first = pending.spend(&mut tx).await?;
        // The log already has the use of the passkey.
        tx.commit_unrecorded().await?;
        is_first
    } else {
        let mut tx = UnscopedTx::write(app).await?.from(device);
        let is_first = pending.spend(&mut tx).await?;
        let redeemed = redeem(&mut tx, &holder, code, app.clock.now()).await?;
        if redeemed != Redeemed::Taken {
            drop(tx);
            match redeemed {
                Redeemed::Unreadable => guess.take_back(app).await?,
                _ => guess.was_wrong(app, &holder, device, "a second factor").await?,
            }
            return Err(Refusal::field("code", redeemed.words()));
        }
        tx.commit().await?;
        guess.take_back(app).await?;
        is_first
    };
    Ok(is_first)
}
