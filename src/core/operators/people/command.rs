//! Acts on an account from the command line, which finds it by its address. It sends no email,
//! because the keys to seal one stay with the service; a job lets the service tell the person.

use super::acts;
use super::help::in_words;
use super::sql::{self, Person};
use crate::core::accounts::noun::USER_EMAIL;
use crate::core::accounts::{self, help};
use crate::core::operators::reason::reason_to_suspend;
use crate::core::operators::visits;
use crate::platform::App;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::tenant::UnscopedTx;

pub(in crate::core::operators) fn fault(error: AppError) -> String {
    error.to_string()
}

/// The account with this address.
///
/// # Errors
/// A message if no account has the address, or any error of the database.
pub(in crate::core::operators) async fn find(app: &App, email: &str) -> Result<Person, String> {
    let tx = async { Ok(UnscopedTx::read(app).await?) };
    find_person(tx.await.map_err(fault)?, email).await.map(|(_, person)| person)
}

/// A transaction that changes the account with this address.
async fn change(app: &App, email: &str) -> Result<(UnscopedTx, Person), String> {
    let tx = async { Ok(UnscopedTx::write(app).await?) };
    find_person(tx.await.map_err(fault)?, email).await
}

async fn find_person(mut tx: UnscopedTx, email: &str) -> Result<(UnscopedTx, Person), String> {
    let nobody = || format!("{email:?}: nobody has an account with this address");
    let address = EmailAddress::of_account(email).map_err(|_| nobody())?;
    let person = sql::find_by_address(&mut tx, &address).await;
    let person = person.map_err(|error| error.to_string())?.ok_or_else(nobody)?;
    Ok((tx, person))
}

/// Creates an account without a password; returns the lines to print, with the link to set one.
///
/// # Errors
/// A message if name or address is invalid or the address is taken, or any error of the database.
pub async fn create(
    app: &App,
    email: &str,
    name: &str,
    is_confirmed: bool,
) -> Result<String, String> {
    let address: EmailAddress = email.parse().map_err(|words| format!("{email:?}: {words}"))?;
    let name = accounts::person_name(name).map_err(|words| format!("--name: {words}"))?;
    let made = async {
        let mut tx = UnscopedTx::write(app).await?;
        let user = accounts::make_account(&mut tx, &name, &address, is_confirmed).await?;
        let link = accounts::hand_over_link(&mut tx, user, &address).await?;
        tx.commit().await?;
        Ok(link.unwrap_or_default())
    };
    match made.await {
        Ok(link) => Ok(format!(
            "{address} now has an account. This link sets its password, once and within an \
             hour:\n{link}"
        )),
        Err(error) if AppError::breaks(&error, USER_EMAIL) => Err(format!(
            "{address} already has an account, or recently had one, whose holder can still take it \
             back; see `tenantry user show {address}`"
        )),
        Err(error) => Err(fault(error)),
    }
}

/// Vouches for the address of an account; returns the line to print.
///
/// # Errors
/// A message if no account has the address, or any error of the database.
pub async fn confirm(app: &App, email: &str) -> Result<String, String> {
    let (mut tx, person) = change(app, email).await?;
    let confirmed = async {
        let is_news = acts::confirm(&mut tx, &person).await?;
        tx.commit().await?;
        Ok(is_news)
    };
    Ok(match confirmed.await.map_err(fault)? {
        true => format!("The address {} is now confirmed, on your word.", person.email),
        false => format!("The address {} was already confirmed.", person.email),
    })
}

/// Makes a link to set a new password; returns the lines to print.
///
/// # Errors
/// A message if no account has the address or there were too many links, or any error of the
/// database.
pub async fn reset_link(app: &App, email: &str) -> Result<String, String> {
    let (mut tx, person) = change(app, email).await?;
    let made = async {
        let link = acts::reset_link(&mut tx, &person).await?;
        if link.is_some() {
            tx.commit().await?;
        }
        Ok(link)
    };
    let Some(link) = made.await.map_err(fault)? else {
        return Err(format!(
            "{}: five links were created within an hour; use the latest, or wait",
            person.email
        ));
    };
    let suspended = match person.suspended_at {
        Some(_) => {
            "\nThe account is suspended: nobody can sign in to it before `tenantry user \
             reactivate`."
        }
        None => "",
    };
    Ok(format!(
        "This link sets a new password for {}, once and within an hour:\n{link}{suspended}",
        person.email
    ))
}

/// Suspends an account, for a reason that its holder reads; returns the line to print.
///
/// # Errors
/// A message if no account has the address or the reason is missing, or any error of the database.
pub async fn suspend(app: &App, email: &str, reason: &str) -> Result<String, String> {
    let reason = reason_to_suspend(reason, "--reason: say why; the person will see it")?;
    let (mut tx, person) = change(app, email).await?;
    let suspended = async {
        let is_news = acts::suspend(&mut tx, &person, &reason).await?;
        tx.commit().await?;
        visits::end_all(app, person.id, &person.email).await?;
        Ok(is_news)
    };
    Ok(match suspended.await.map_err(fault)? {
        true => format!("{} suspended.", person.email),
        false => format!("{} was already suspended.", person.email),
    })
}

/// Lets people sign in to an account again; returns the line to print.
///
/// # Errors
/// A message if no account has the address, or any error of the database.
pub async fn reactivate(app: &App, email: &str) -> Result<String, String> {
    let (mut tx, person) = change(app, email).await?;
    let reactivated = async {
        let is_news = acts::reactivate(&mut tx, &person).await?;
        tx.commit().await?;
        Ok(is_news)
    };
    Ok(match reactivated.await.map_err(fault)? {
        true => format!("{} reactivated.", person.email),
        false => format!("{} was already active.", person.email),
    })
}

/// Ends all sign-ins of the account with this address; returns how many there were.
///
/// # Errors
/// A message if no account has the address, or any error of the database.
pub async fn end_sign_ins_of(app: &App, email: &str) -> Result<u64, String> {
    let (mut tx, person) = change(app, email).await?;
    let ended = async {
        let ended = acts::end_sign_ins(&mut tx, &person, None).await?;
        tx.commit().await?;
        Ok(ended)
    };
    ended.await.map_err(fault)
}

/// Ends everybody's sign-ins; returns how many there were.
///
/// # Errors
/// Any error of the database.
pub async fn end_everybodys_sign_ins(app: &App) -> Result<u64, String> {
    let ended = async {
        let mut tx = UnscopedTx::write(app).await?;
        let ended = acts::end_everybodys_sign_ins(&mut tx, None).await?;
        tx.commit().await?;
        Ok(ended)
    };
    ended.await.map_err(fault)
}

/// Asks for the removal of the account's second factors; returns the line to print.
///
/// # Errors
/// A message if no account has the address or the reason is missing, or any error of the database.
pub async fn ask_for_help(app: &App, email: &str, reason: &str) -> Result<String, String> {
    let reason = reason_to_suspend(reason, "--reason: say how you know who is asking")?;
    let (mut tx, person) = change(app, email).await?;
    let asked = async {
        let answer = help::ask(&mut tx, person.id, &reason).await?;
        tx.commit().await?;
        Ok(in_words(answer, person.email.as_str()))
    };
    asked.await.map_err(fault)
}

/// Cancels the removal of the account's second factors; returns the line to print.
///
/// # Errors
/// A message if no account has the address, or any error of the database.
pub async fn call_off_help(app: &App, email: &str) -> Result<String, String> {
    let (mut tx, person) = change(app, email).await?;
    let stopped = async {
        let was_open = help::call_off(&mut tx, person.id).await?;
        tx.commit().await?;
        Ok(match was_open {
            true => {
                format!("Reset cancelled. Two-factor authentication stays on for {}.", person.email)
            }
            false => "There's nothing to cancel.".to_owned(),
        })
    };
    stopped.await.map_err(fault)
}
