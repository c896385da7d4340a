//! Asking for help, telling the person, and removing the factors if nobody has stopped it.

use serde_json::json;

use super::COOLING_OFF;
use super::sql;
use crate::core::accounts::mail::{HelpAsked, HelpDone, HelpStopped};
use crate::core::accounts::noun::{AccountHelpId, HELP_ASKED, HELP_GIVEN, HELP_STOPPED};
use crate::core::accounts::{credentials_of, dispute, entry};
use crate::core::factors;
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::UserId;
use crate::platform::jobs::{self, Handler, Kind, Work};
use crate::platform::mail::outbox;
use crate::platform::secrets::Token;
use crate::platform::session::{self, known};
use crate::platform::tenant::UnscopedTx;

/// Tells the person, with a link to stop it. It is a job, because the command line cannot seal
/// emails.
const TELL_JOB: Kind = Kind { name: "account_help_told", handler: Handler::Outside(tell) };
inventory::submit!(TELL_JOB);

/// Tells the person that it was stopped.
const TELL_STOPPED_JOB: Kind =
    Kind { name: "account_help_stopped", handler: Handler::Outside(tell_stopped) };
inventory::submit!(TELL_STOPPED_JOB);

/// Removes the factors when the time has passed.
const CARRY_OUT_JOB: Kind = Kind { name: "account_help_due", handler: Handler::Outside(carry_out) };
inventory::submit!(CARRY_OUT_JOB);

/// The result of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It was asked for, and the person is told.
    Asked,
    /// It had been asked for already.
    Already,
    /// The account has no second factor: a new password is enough.
    NoFactor,
    /// The person cannot be told: the address is not confirmed, or no mail is sent.
    Unreachable,
}

/// Asks for the removal of an account's factors, in the caller's transaction.
pub(crate) async fn ask(tx: &mut UnscopedTx, user: UserId, reason: &str) -> Result<Answer> {
    tx.lock_person(user).await?;
    let account = credentials_of(tx, user).await?.ok_or(AppError::NotFound)?;
    if !account.has_factor {
        return Ok(Answer::NoFactor);
    }
    if !account.is_verified || !outbox::is_sent(tx.app()) {
        return Ok(Answer::Unreachable);
    }
    if sql::open(tx, user).await?.is_some() {
        return Ok(Answer::Already);
    }
    let id = AccountHelpId::new();
    sql::insert(tx, id, user, &account.email, reason).await?;
    jobs::enqueue(tx, TELL_JOB.name, &id.to_string()).await?;
    let entry = entry(HELP_ASKED, user, &account.email);
    tx.record(entry.after(json!({ "reason": reason })));
    Ok(Answer::Asked)
}

/// Cancels the removal, in the caller's transaction. Returns whether one was pending.
pub(crate) async fn call_off(tx: &mut UnscopedTx, user: UserId) -> Result<bool> {
    tx.lock_person(user).await?;
    let Some(help) = sql::open(tx, user).await? else {
        return Ok(false);
    };
    stop(tx, &help).await?;
    Ok(true)
}

/// Stops the removal, in the caller's transaction, which must have locked the person. Everyone who was
/// told about it is told about this, too.
pub(super) async fn stop(tx: &mut UnscopedTx, help: &sql::Help) -> Result<()> {
    sql::stop(tx, help.id).await?;
    if help.due_at.is_some() {
        jobs::enqueue(tx, TELL_STOPPED_JOB.name, &help.id.to_string()).await?;
    }
    tx.record(entry(HELP_STOPPED, help.user_id, &help.email));
    Ok(())
}

/// A pending removal of factors.
pub(crate) struct Pending {
    /// When the factors are removed; `None` until the person has been told.
    pub due_at: Option<Timestamp>,
    /// The operator's reason.
    pub reason: String,
}

/// The pending removal of this account's factors, if any.
pub(crate) async fn pending(tx: &mut UnscopedTx, user: UserId) -> Result<Option<Pending>> {
    let open = sql::open(tx, user).await?;
    Ok(open.map(|help| Pending { due_at: help.due_at, reason: help.reason }))
}

fn id_in(payload: &str) -> Result<AccountHelpId> {
    payload.parse().map_err(|error: uuid::Error| AppError::internal(error.to_string()))
}

fn tell<'a>(app: &'a App, payload: &'a str) -> Work<'a> {
    Box::pin(async move {
        let id = id_in(payload)?;
        let mut tx = UnscopedTx::write(app).await?;
        let Some(help) = sql::find(&mut tx, id).await? else {
            return Ok(());
        };
        tx.lock_person(help.user_id).await?;
        let open = sql::open(&mut tx, help.user_id).await?;
        // If the job runs twice, it tells the person only once.
        if !open.is_some_and(|open| open.id == id && open.due_at.is_none()) {
            return Ok(());
        }
        let (token, due_at) = (Token::random(), tx.now().plus(COOLING_OFF));
        sql::told(&mut tx, id, &token, due_at).await?;
        let mail = HelpAsked {
            name: help.name.clone(),
            reason: help.reason.clone(),
            due: due_at.minute(),
            stop_link: app.config.link(&format!("/help/{}", token.expose())),
        };
        for email in dispute::addresses(&mut tx, help.user_id).await? {
            outbox::enqueue(&mut tx, &email, &mail).await?;
        }
        jobs::enqueue_at(&mut tx, CARRY_OUT_JOB.name, &id.to_string(), due_at).await?;
        // The log already records that it was asked for.
        tx.commit_unrecorded().await?;
        Ok(())
    })
}

fn tell_stopped<'a>(app: &'a App, payload: &'a str) -> Work<'a> {
    Box::pin(async move {
        let mut tx = UnscopedTx::write(app).await?;
        let Some(help) = sql::find(&mut tx, id_in(payload)?).await? else {
            return Ok(());
        };
        let Some(stopped_at) = help.stopped_at else {
            return Ok(());
        };
        let mail = HelpStopped { name: help.name, when: stopped_at.minute() };
        for email in dispute::addresses(&mut tx, help.user_id).await? {
            outbox::enqueue(&mut tx, &email, &mail).await?;
        }
        // The log already records that it was stopped.
        tx.commit_unrecorded().await?;
        Ok(())
    })
}

fn carry_out<'a>(app: &'a App, payload: &'a str) -> Work<'a> {
    Box::pin(async move {
        let id = id_in(payload)?;
        let mut tx = UnscopedTx::write(app).await?;
        let Some(help) = sql::find(&mut tx, id).await? else {
            return Ok(());
        };
        let user = help.user_id;
        tx.lock_person(user).await?;
        let now = tx.now();
        let help = sql::find(&mut tx, id).await?.filter(sql::Help::is_open);
        let Some(help) = help else {
            return Ok(());
        };
        let account = entry(HELP_STOPPED, user, &help.email);
        if !help.is_current {
            // The person who was told can no longer stop it.
            sql::stop(&mut tx, id).await?;
            tx.record(account.after(json!({ "because": "another address" })));
            return tx.commit().await;
        }
        if !sql::done(&mut tx, id).await? {
            return Ok(());
        }
        factors::disputed::remove_all(&mut tx, user).await?;
        session::end_all(&mut tx, user, now).await?;
        known::forget_all(&mut tx, user).await?;
        dispute::end_password(&mut tx, user).await?;
        let what = "The operator of this installation reset your two-factor authentication.";
        for told in dispute::announce(&mut tx, user, what).await? {
            let mail = HelpDone {
                name: help.name.clone(),
                reason: help.reason.clone(),
                when: now.minute(),
                not_me_link: told.not_me_link,
                forgot_link: app.config.link("/password/forgot"),
            };
            outbox::enqueue(&mut tx, &told.email, &mail).await?;
        }
        tx.record(entry(HELP_GIVEN, user, &help.email));
        tx.commit().await
    })
}
