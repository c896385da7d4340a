//! What the owner of an account is told about sign-ins: a new browser, failed attempts before a
//! successful one, and somebody guessing the password.

use time::Duration;

use super::mail::{PasswordGuessing, SignedIn};
use super::sign_ins;
use super::sql::{self, Credentials};
use crate::core::accounts::noun::GUESSING_TOLD;
use crate::platform::App;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::jobs::{self, Handler, Kind, Work};
use crate::platform::mail::outbox;
use crate::platform::session::Device;
use crate::platform::tenant::UnscopedTx;

/// From how many failed attempts on the next sign-in reports them.
const SEVERAL: i64 = 5;
/// The time within which emails of one kind are counted.
const DAY: Duration = Duration::hours(24);
/// How many sign-ins are reported within that time: otherwise somebody with the password could
/// cause any number of emails.
const SIGN_INS_A_DAY: i64 = 10;
/// How often guessing is reported within that time.
const GUESSES_A_DAY: i64 = 1;

/// Looks up the account of an address, and tells its owner that somebody is guessing the password.
/// It is a job, so that the request does the same for every address.
const GUESSING_JOB: Kind =
    Kind { name: "password_guessing", handler: Handler::Outside(tell_of_guesses) };
inventory::submit!(GUESSING_JOB);

/// Queues the job after as many wrong passwords for the typed address as an account allows.
pub(super) async fn guesses_at_limit(app: &App, typed: &str) -> Result<()> {
    if let Ok(email) = EmailAddress::of_account(typed) {
        let mut tx = UnscopedTx::write(app).await?;
        jobs::enqueue(&mut tx, GUESSING_JOB.name, email.as_str()).await?;
        // The failed attempts have entries of their own.
        tx.commit_unrecorded().await?;
    }
    Ok(())
}

fn tell_of_guesses<'a>(app: &'a App, email: &'a str) -> Work<'a> {
    Box::pin(async move {
        let email = EmailAddress::of_account(email).map_err(AppError::internal)?;
        let mut tx = UnscopedTx::write(app).await?;
        let Some(account) = sql::credentials(&mut tx, &email).await? else {
            return Ok(());
        };
        tx.lock_person(account.user_id).await?;
        if told_often::<PasswordGuessing>(&mut tx, &email, GUESSES_A_DAY).await? {
            return Ok(());
        }
        let mail = PasswordGuessing {
            name: account.name,
            when: app.clock.now().minute(),
            security_link: app.config.link("/account/security"),
            forgot_link: app.config.link("/password/forgot"),
        };
        outbox::enqueue(&mut tx, &email, &mail).await?;
        tx.record(super::entry(GUESSING_TOLD, account.user_id, &email));
        tx.commit().await
    })
}

/// Tells the owner that somebody has signed in, if the browser is new or several attempts failed
/// before. The caller's transaction must have locked the account.
pub(super) async fn signed_in(
    tx: &mut UnscopedTx,
    account: &Credentials,
    device: &Device,
    is_new: bool,
    failures: i64,
) -> Result<()> {
    let failures = if failures >= SEVERAL { failures } else { 0 };
    if !is_new && failures == 0
        || told_often::<SignedIn>(tx, &account.email, SIGN_INS_A_DAY).await?
    {
        return Ok(());
    }
    let app = tx.app().clone();
    let mail = SignedIn {
        name: account.name.clone(),
        is_new,
        failures,
        browser: sign_ins::device(&device.user_agent),
        address: device.address.to_string(),
        when: app.clock.now().minute(),
        sign_ins_link: app.config.link("/account/sessions"),
        forgot_link: app.config.link("/password/forgot"),
    };
    outbox::enqueue(tx, &account.email, &mail).await?;
    Ok(())
}

/// Whether the person has got the maximum number of emails of this kind within a day.
async fn told_often<M: crate::platform::mail::Mail>(
    tx: &mut UnscopedTx,
    to: &EmailAddress,
    most: i64,
) -> Result<bool> {
    let since = tx.now().plus(-DAY);
    Ok(outbox::count_since::<M>(tx, to, since).await? >= most)
}
