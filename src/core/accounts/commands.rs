//! The commands for accounts, apart from passwords, which are in
//! [`new_password`](super::new_password).

use serde_json::json;

use super::mail::{AddressChanged, AddressTaken, ConfirmAddress, Verify};
use super::noun::{
    ACCOUNT_CHANGED, ADDRESS_CHANGE_ASKED, ADDRESS_CHANGE_CALLED_OFF, ADDRESS_CHANGED,
    CONFIRMATION_SENT,
};
use super::profile::Tab;
use super::tokens::{self, Purpose};
use super::{changes, dispute, entry, mark_verified, sql};
use crate::platform::App;
use crate::platform::audit::Entry;
use crate::platform::audit::action::SIGN_IN_ENDED;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::SignInId;
use crate::platform::mail::strangers::Allowance;
use crate::platform::mail::{Quoted, outbox};
use crate::platform::noun::Refusal;
use crate::platform::secrets::Token;
use crate::platform::session::{self, CurrentUser, Device, SessionKey};
use crate::platform::tenant::UnscopedTx;

/// Changes the person's name.
pub(super) async fn rename(app: &App, user: &CurrentUser, name: &str) -> Result<()> {
    let mut tx = user.write(app).await?;
    sql::rename(&mut tx, user.id, name).await?;
    tx.record(
        entry(ACCOUNT_CHANGED, user.id, &user.email)
            .before(json!({ "name": user.name }))
            .after(json!({ "name": name })),
    );
    tx.commit().await
}

/// Ends one of the person's sign-ins; ending it twice is no error.
///
/// # Errors
/// [`AppError::StepUp`] for any but the current one, unless the person has recently authenticated;
/// [`AppError::NotFound`] when it never was theirs.
pub(super) async fn end_sign_in(app: &App, user: &CurrentUser, id: SignInId) -> Result<()> {
    let (now, is_this) = (app.clock.now(), id == user.sign_in_id);
    if !is_this {
        user.require_proof(now, Tab::SignIns.path())?;
    }
    let mut tx = user.write(app).await?;
    let ended = sql::end_sign_in(&mut tx, user.id, id, now).await?;
    if ended {
        tx.record(sign_in_ended(user, "one"));
    }
    let is_own = ended || is_this || sql::owns_sign_in(&mut tx, user.id, id).await?;
    tx.commit().await?;
    is_own.then_some(()).ok_or(AppError::NotFound)
}

/// Ends all of the person's sign-ins except the current one; returns how many.
///
/// # Errors
/// [`AppError::StepUp`] unless the person has recently authenticated.
pub(super) async fn end_other_sign_ins(app: &App, user: &CurrentUser) -> Result<u64> {
    let now = app.clock.now();
    user.require_proof(now, Tab::SignIns.path())?;
    let mut tx = user.write(app).await?;
    let ended = session::end_others(&mut tx, user.id, user.sign_in_id, now).await?;
    if ended > 0 {
        tx.record(sign_in_ended(user, "all others"));
    }
    tx.commit().await?;
    Ok(ended)
}

fn sign_in_ended(user: &CurrentUser, which: &str) -> Entry {
    entry(SIGN_IN_ENDED, user.id, &user.email).after(json!({ "ended": which }))
}

/// Moves the sign-in to the session `key`, so that its earlier session is no longer valid; a
/// sign-in that has just been ended stays ended. The log already has the reason for it.
pub(super) async fn renew_sign_in(app: &App, user: &CurrentUser, key: &SessionKey) -> Result<()> {
    let mut tx = user.write(app).await?;
    let now = tx.now();
    session::step_up(&mut tx, user.sign_in_id, key, now).await?;
    tx.commit_unrecorded().await?;
    Ok(())
}

/// Sends another link to confirm the person's address; returns false if it is confirmed already.
///
/// # Errors
/// [`AppError::Conflict`] when no email is sent; [`AppError::TooMany`] above the hourly limit.
pub(super) async fn send_confirmation(app: &App, user: &CurrentUser) -> Result<bool> {
    if user.is_verified() {
        return Ok(false);
    }
    if !outbox::is_sent(app) {
        return Err(AppError::Conflict(
            "Email isn't set up here. The operator of this installation can confirm your address."
                .into(),
        ));
    }
    let mut tx = user.write(app).await?;
    let Some(token) = tokens::issue(&mut tx, user.id, &user.email, Purpose::Verify).await? else {
        return Err(AppError::over_limit(
            "We've sent the link several times. Check your inbox, or try again in an hour.",
        ));
    };
    let mail = Verify {
        name: user.name.clone(),
        verify_link: app.config.link(&format!("/verify/{}", token.expose())),
    };
    outbox::enqueue(&mut tx, &user.email, &mail).await?;
    tx.record(entry(CONFIRMATION_SENT, user.id, &user.email));
    tx.commit().await?;
    Ok(true)
}

/// Confirms the person's address with the link that was sent there; returns the address, or `None`
/// when the link is for another account.
///
/// # Errors
/// Those of [`tokens::spend`].
pub(super) async fn confirm(
    app: &App,
    user: Option<&CurrentUser>,
    device: &Device,
    token: &Token,
) -> Result<Option<EmailAddress>> {
    let mut tx = write_as(app, user, device).await?;
    let good = tokens::spend(&mut tx, token, Purpose::Verify).await?;
    if user.is_none_or(|user| user.id != good.user_id) {
        // The transaction is rolled back.
        return Ok(None);
    }
    match mark_verified(&mut tx, good.user_id, &good.email, app.clock.now()).await? {
        true => tx.commit().await?,
        // It was confirmed in another way before: only the token is used up.
        false => tx.commit_unrecorded().await?,
    }
    Ok(Some(good.email))
}

/// Sends a link to `email` that makes it the person's address. If another account has it, its owner
/// is informed instead, and no link is sent.
///
/// # Errors
/// [`AppError::StepUp`] unless the person has recently authenticated; [`Refusal::Fields`] when it
/// is their address already, or no email can be sent to it.
pub(super) async fn ask_for_address(
    app: &App,
    user: &CurrentUser,
    email: &EmailAddress,
) -> Result<(), Refusal> {
    user.require_proof(app.clock.now(), changes::PATH)?;
    let refuse = |words| Err(Refusal::field("email", words));
    if *email == user.email {
        return refuse("This is already your email address.");
    }
    if !outbox::is_sent(app) {
        return refuse("We can't send a link, because email isn't set up here.");
    }
    let mut tx = user.write(app).await?;
    // The address may be anybody's.
    let mut allowance = Allowance::held(&mut tx, user.id, [email]).await?;
    if allowance.take(&mut tx, email).await?.is_err() {
        return refuse(
            "Too many emails were sent to this address or in your name today. Try again tomorrow.",
        );
    }
    let Some(token) = changes::ask(&mut tx, user.id, &user.email, email).await? else {
        return refuse("You've tried too often. Try again in an hour.");
    };
    match sql::credentials(&mut tx, email).await? {
        Some(owner) => {
            let mail = AddressTaken { name: owner.name, login_link: app.config.link("/login") };
            outbox::enqueue(&mut tx, email, &mail).await?;
        }
        None => {
            let confirm_link = app.config.link(&format!("/email/{}", token.expose()));
            let mail = ConfirmAddress { name: Quoted::name(&user.name), confirm_link };
            outbox::enqueue(&mut tx, email, &mail).await?;
        }
    }
    let asked = entry(ADDRESS_CHANGE_ASKED, user.id, &user.email);
    tx.record(asked.after(json!({ "email": email.as_str() })));
    tx.commit().await?;
    Ok(())
}

/// Cancels a change of the person's address, so that its link is no longer valid; returns whether
/// there was one.
pub(super) async fn keep_address(app: &App, user: &CurrentUser) -> Result<bool> {
    let mut tx = user.write(app).await?;
    let now = tx.now();
    let pending = changes::pending(&mut tx, user.id, now).await?;
    if let Some(pending) = &pending {
        changes::replace_open(&mut tx, user.id, now).await?;
        let called_off = entry(ADDRESS_CHANGE_CALLED_OFF, user.id, &user.email);
        tx.record(called_off.before(json!({ "email": pending.new_email.as_str() })));
    }
    tx.commit().await?;
    Ok(pending.is_some())
}

/// Changes the person's address to the one that the link was sent to, and informs the old one;
/// returns the address, or `None` when the link is for another account.
///
/// # Errors
/// Those of [`changes::apply`] and [`changes::free`].
pub(super) async fn change_address(
    app: &App,
    user: Option<&CurrentUser>,
    device: &Device,
    token: &Token,
) -> Result<Option<EmailAddress>> {
    let change = changes::look(app, token).await?;
    if user.is_none_or(|user| user.id != change.user_id) {
        return Ok(None);
    }
    let mut tx = write_as(app, user, device).await?;
    let applied = changes::apply(&mut tx, token).await;
    let change = changes::free(applied, changes::ENTER_ANOTHER)?;
    tell(&mut tx, &change).await?;
    tx.record(
        entry(ADDRESS_CHANGED, change.user_id, &change.new_email)
            .before(json!({ "email": change.old_email.as_str() }))
            .after(json!({ "email": change.new_email.as_str() })),
    );
    tx.commit().await?;
    Ok(Some(change.new_email))
}

/// Begins a transaction in the name of the person who has signed in, or of nobody.
///
/// # Errors
/// [`AppError::SignedOut`] when the sign-in has ended.
async fn write_as(app: &App, user: Option<&CurrentUser>, device: &Device) -> Result<UnscopedTx> {
    match user {
        Some(user) => user.write(app).await,
        None => Ok(UnscopedTx::write(app).await?.from(device)),
    }
}

/// Informs the old address, and earlier ones that can still take the account back.
async fn tell(tx: &mut UnscopedTx, change: &changes::Change) -> Result<()> {
    let what = format!("Your email address was changed to {}.", change.new_email);
    let mut told = dispute::announce_to_former(tx, change.user_id, &what).await?;
    if !change.is_old_proved {
        told.push(dispute::Told::without_link(change.old_email.clone(), tx));
    }
    for told in told {
        let mail = AddressChanged {
            name: change.name.clone(),
            new: change.new_email.to_string(),
            when: tx.now().minute(),
            undo_link: told.not_me_link,
        };
        outbox::enqueue(tx, &told.email, &mail).await?;
    }
    Ok(())
}
