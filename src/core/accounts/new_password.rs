//! The commands that set a password: while signed in, with a link, or to claim an account that
//! somebody else has created.

use super::mail::{PasswordChanged, Reset};
use super::noun::{PASSWORD_CHANGED, PASSWORD_RESET, RESET_ASKED, RESET_SENT};
use super::profile::Tab;
use super::tokens::{self, Purpose, ValidToken};
use super::{changes, claim, dispute, entry, mark_verified, sql};
use crate::core::factors::{self, Holder, guesses};
use crate::platform::App;
use crate::platform::audit::{Entry, Object, object};
use crate::platform::db::statement::unscoped_sql;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::UserId;
use crate::platform::jobs::{self, Handler, Kind, Work};
use crate::platform::mail::outbox;
use crate::platform::noun::Refusal;
use crate::platform::passwords::{About, Password};
use crate::platform::secrets::Token;
use crate::platform::session::known::{self, NewToken};
use crate::platform::session::{self, CurrentUser, Device};
use crate::platform::tenant::{UnscopedTx, organization_names};
use crate::platform::throttle;
use crate::platform::web::FieldErrors;

/// Looks up the account of an address, and emails the link if there is one. It is a job, so that
/// the request does the same for every address.
pub(crate) const RESET_JOB: Kind =
    Kind { name: "password_reset", handler: Handler::Outside(send_link) };
inventory::submit!(RESET_JOB);

/// What must not make up the account's password.
pub(super) async fn about(
    app: &App,
    user: UserId,
    name: &str,
    email: &EmailAddress,
) -> Result<About> {
    let organizations = organization_names(app, user, email.clone()).await?;
    let about = About::person(name, email.as_str());
    Ok(organizations.iter().fold(about, |about, name| about.and_organization(name)))
}

/// Requires a second factor, if there is one, before the password is changed: it exists to protect
/// against somebody who only has the password.
///
/// # Errors
/// [`AppError::StepUp`].
pub(super) fn ask_for_factor(app: &App, user: &CurrentUser) -> Result<()> {
    match user.has_factor {
        true => user.require_proof(app.clock.now(), Tab::Password.path()),
        false => Ok(()),
    }
}

/// Changes the password to the `chosen` one, if `current` is right; ends all other sign-ins, and
/// informs the person by email. Returns the token of this browser, now the only one that is known.
///
/// # Errors
/// Those of [`ask_for_factor`]; [`AppError::TooMany`] after too many wrong guesses;
/// [`Refusal::Fields`] when one of the two passwords is wrong.
pub(super) async fn change(
    app: &App,
    user: &CurrentUser,
    device: &Device,
    current: String,
    chosen: Result<Password, String>,
) -> Result<NewToken, Refusal> {
    ask_for_factor(app, user)?;
    let mut errors = FieldErrors::default();
    let chosen = errors.take("password", chosen);
    let mut tx = UnscopedTx::read(app).await?;
    let known = sql::password_hash(&mut tx, user.id).await?;
    tx.commit().await?;
    let holder = Holder::from(user);
    let guess = guesses::take(app, &holder, device).await?;
    if app.passwords.verify(current, Some(known.clone())).await? {
        guess.was_right(app).await?;
    } else {
        guess.was_wrong(app, &holder, device, "a password").await?;
        errors.add("current_password", "This isn't your current password.");
    }
    let Some(password) = chosen.filter(|_| errors.is_empty()) else {
        return Err(Refusal::Fields(errors));
    };
    let hash = app.passwords.hash(password).await?;
    let mut tx = user.write(app).await?;
    if !sql::change_password(&mut tx, user.id, &known, &hash).await? {
        return Err(Refusal::field("current_password", "Your password has just been changed."));
    }
    let now = tx.now();
    session::end_others(&mut tx, user.id, user.sign_in_id, now).await?;
    changes::void_open(&mut tx, user.id, now).await?;
    let token = NewToken::new();
    let browser = known::remember(&mut tx, user.id, device, &token).await?;
    known::forget_others(&mut tx, user.id, &browser).await?;
    tell(&mut tx, user.id, &user.name).await?;
    tx.record(entry(PASSWORD_CHANGED, user.id, &user.email));
    tx.commit().await?;
    Ok(token)
}

/// Queues an email with a link to set a new password, which is sent if the address has an account.
///
/// # Errors
/// [`AppError::TooMany`] after too many attempts.
pub(super) async fn ask(app: &App, device: &Device, email: &EmailAddress) -> Result<()> {
    let _counted = throttle::take(app, throttle::Kind::Reset, email.as_str(), device).await?;
    let mut tx = UnscopedTx::write(app).await?.from(device);
    jobs::enqueue(&mut tx, RESET_JOB.name, email.as_str()).await?;
    tx.record(Entry::new(RESET_ASKED, Object::named(object::ADDRESS, email.to_string())));
    tx.commit().await
}

fn send_link<'a>(app: &'a App, email: &'a str) -> Work<'a> {
    Box::pin(async move {
        let email = EmailAddress::of_account(email).map_err(AppError::internal)?;
        let mut tx = UnscopedTx::write(app).await?;
        let Some(account) = sql::credentials(&mut tx, &email).await? else {
            return Ok(());
        };
        let token = tokens::issue(&mut tx, account.user_id, &email, Purpose::Reset).await?;
        let Some(token) = token else {
            // The links of the last hour are enough; the person asking does not find out.
            return Ok(());
        };
        let mail = Reset {
            name: account.name,
            reset_link: app.config.link(&format!("/password/reset/{}", token.expose())),
        };
        outbox::enqueue(&mut tx, &email, &mail).await?;
        tx.record(entry(RESET_SENT, account.user_id, &email));
        tx.commit().await
    })
}

/// Issues a token to set a new password to a person who has proved both the address and the earlier
/// password; `None` when there were too many.
pub(super) async fn ask_at_once(
    app: &App,
    user: UserId,
    email: &EmailAddress,
) -> Result<Option<Token>> {
    let mut tx = UnscopedTx::write(app).await?;
    let token = tokens::issue(&mut tx, user, email, Purpose::Reset).await?;
    if token.is_some() {
        tx.record(entry(RESET_ASKED, user, email));
        tx.commit().await?;
    }
    Ok(token)
}

/// The name of the account's holder.
///
/// # Errors
/// [`AppError::LinkGone`] once the account has another address or is deleted.
pub(super) async fn holder_of(tx: &mut UnscopedTx, good: &ValidToken) -> Result<String> {
    let holder: Option<(String,)> = tx
        .query(unscoped_sql!(
            "select name from users where id = $1 and email = $2 and deleted_at is null"
        ))
        .bind(good.user_id)
        .bind(&good.email)
        .optional()
        .await?;
    let (name,) = holder.ok_or(AppError::LinkGone {
        words: "The account has a different email address now.",
        onward: Purpose::Reset.onward(),
    })?;
    Ok(name)
}

/// Sets a new password with a link; ends all sign-ins, informs the person by email, and signs
/// nobody in. Returns the token of this browser, now the only one that is known, so that the owner
/// is not slowed down by strangers' guesses.
///
/// # Errors
/// Those of [`tokens::spend`] and [`holder_of`].
pub(super) async fn reset(
    app: &App,
    device: &Device,
    token: &Token,
    password: Password,
) -> Result<NewToken> {
    let hash = app.passwords.hash(password).await?;
    let mut tx = UnscopedTx::write(app).await?.from(device);
    let good = tokens::spend(&mut tx, token, Purpose::Reset).await?;
    let name = holder_of(&mut tx, &good).await?;
    let now = tx.now();
    sql::set_password(&mut tx, good.user_id, &hash).await?;
    if good.proves_address {
        mark_verified(&mut tx, good.user_id, &good.email, now).await?;
    }
    let browser = end_all_else(&mut tx, device, &good).await?;
    tell(&mut tx, good.user_id, &name).await?;
    tx.record(entry(PASSWORD_RESET, good.user_id, &good.email));
    tx.commit().await?;
    Ok(browser)
}

/// Gives an account that somebody else has created to the owner of its address: confirms the
/// address, replaces the password, and removes all sign-ins, factors and known browsers. Returns
/// the token of this browser.
///
/// # Errors
/// Those of [`tokens::spend`]; [`claim::proved`] when the address has been confirmed meanwhile.
pub(super) async fn claim(
    app: &App,
    device: &Device,
    token: &Token,
    name: &str,
    password: Password,
) -> Result<NewToken> {
    let hash = app.passwords.hash(password).await?;
    let mut tx = UnscopedTx::write(app).await?.from(device);
    let good = tokens::spend(&mut tx, token, Purpose::Verify).await?;
    let (user, now) = (good.user_id, tx.now());
    sql::unproved(&mut tx, user).await?.ok_or_else(claim::proved)?;
    sql::set_password(&mut tx, user, &hash).await?;
    sql::rename(&mut tx, user, name).await?;
    dispute::forget(&mut tx, user).await?;
    factors::disputed::forget_all(&mut tx, user).await?;
    mark_verified(&mut tx, user, &good.email, now).await?;
    let browser = end_all_else(&mut tx, device, &good).await?;
    tx.record(entry(PASSWORD_RESET, user, &good.email));
    tx.commit().await?;
    Ok(browser)
}

/// Ends all sign-ins, known browsers and open links of an account; returns the token of this
/// browser.
async fn end_all_else(tx: &mut UnscopedTx, device: &Device, good: &ValidToken) -> Result<NewToken> {
    let (user, now) = (good.user_id, tx.now());
    session::end_all(tx, user, now).await?;
    let browser = NewToken::new();
    let known = known::remember(tx, user, device, &browser).await?;
    known::forget_others(tx, user, &known).await?;
    changes::void_open(tx, user, now).await?;
    throttle::start_over(tx, user, &good.email, &known, throttle::Proved::Address).await?;
    Ok(browser)
}

/// Tells the holder of an account that its password was changed.
async fn tell(tx: &mut UnscopedTx, user: UserId, name: &str) -> Result<()> {
    let app = tx.app().clone();
    for told in dispute::announce(tx, user, "Your password was changed.").await? {
        let mail = PasswordChanged {
            name: name.to_owned(),
            when: tx.now().minute(),
            origin: told.origin,
            not_me_link: told.not_me_link,
            forgot_link: app.config.link("/password/forgot"),
        };
        outbox::enqueue(tx, &told.email, &mail).await?;
    }
    Ok(())
}
