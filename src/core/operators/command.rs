//! `tenantry operator …`: only the command line decides who is an operator.

use clap::Subcommand;

use super::first;
use super::people::{Person, fault, find};
use super::sql;
use super::visits;
use crate::core::accounts::{self, credentials_of};
use crate::core::operators::noun::{OPERATOR_GRANTED, OPERATOR_REVOKED};
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::tenant::UnscopedTx;

/// What can be done about operators.
#[derive(Clone, Debug, Subcommand)]
pub enum OperatorCommand {
    /// Make the account with this address an operator of the installation; the address must be
    /// confirmed.
    Grant {
        /// The address of an account.
        email: String,
    },
    /// Take the rights of an operator from the account with this address; its visits end at once.
    Revoke {
        /// The address of an account.
        email: String,
    },
    /// List the operators: address, name, since when, whether the account is active or suspended.
    List,
    /// Print a link by which the first operator makes their account, as long as there is none; a
    /// link from before no longer works.
    FirstLink,
}

/// Runs the command; returns the lines to print.
///
/// # Errors
/// A message if no account has the address or it must be confirmed first, or any error of the
/// database.
pub async fn run(app: &App, command: &OperatorCommand) -> Result<String, String> {
    match command {
        OperatorCommand::Grant { email } => {
            let person = find(app, email).await?;
            grant(app, &person).await.map_err(fault)?.in_words(app, &person)
        }
        OperatorCommand::Revoke { email } => {
            let person = find(app, email).await?;
            revoke(app, &person).await.map_err(fault)
        }
        OperatorCommand::List => list(app).await.map_err(fault),
        OperatorCommand::FirstLink => first::print(app).await,
    }
}

/// The result of granting operator rights.
enum Grant {
    /// The address is not confirmed, and the reader of its mail could take over the account.
    Unproved,
    /// The account is an operator's.
    Made { is_new: bool, has_factor: bool },
}

impl Grant {
    fn in_words(self, app: &App, person: &Person) -> Result<String, String> {
        let email = &person.email;
        let Self::Made { is_new, has_factor } = self else {
            return Err(format!(
                "the address {email} has not been confirmed. Open the link that was emailed to it; \
                 or, if you know whose account it is: tenantry user confirm {email}"
            ));
        };
        let when = if is_new { "now" } else { "already" };
        let advice = match has_factor {
            true => String::new(),
            false => format!(
                "\nThe account doesn't use two-factor authentication, and its password alone opens \
                 every organization: set it up at {}",
                app.config.link("/account/security")
            ),
        };
        Ok(format!("{email} is {when} an operator.{advice}"))
    }
}

async fn grant(app: &App, person: &Person) -> Result<Grant> {
    let mut tx = UnscopedTx::write(app).await?;
    tx.lock_person(person.id).await?;
    let account = credentials_of(&mut tx, person.id).await?.ok_or(AppError::NotFound)?;
    let has_factor = account.has_factor;
    if person.is_operator {
        return Ok(Grant::Made { is_new: false, has_factor });
    }
    if !account.is_verified {
        return Ok(Grant::Unproved);
    }
    let now = tx.now();
    let is_new = sql::grant(&mut tx, person.id, now).await?;
    if is_new {
        tx.record(accounts::entry(OPERATOR_GRANTED, person.id, &person.email).logged());
    }
    tx.commit().await?;
    Ok(Grant::Made { is_new, has_factor })
}

async fn revoke(app: &App, person: &Person) -> Result<String> {
    let mut tx = UnscopedTx::write(app).await?;
    tx.lock_person(person.id).await?;
    let was_one = sql::revoke(&mut tx, person.id).await?;
    if was_one {
        tx.record(accounts::entry(OPERATOR_REVOKED, person.id, &person.email));
    }
    tx.commit().await?;
    let ended = visits::end_all(app, person.id, &person.email).await?;
    let email = &person.email;
    Ok(match (was_one, ended) {
        (false, _) => format!("{email} is not an operator."),
        (true, 0) => format!("{email} is no longer an operator."),
        (true, 1) => format!("{email} is no longer an operator. One visit has ended."),
        (true, _) => format!("{email} is no longer an operator. {ended} visits have ended."),
    })
}

async fn list(app: &App) -> Result<String> {
    let mut tx = UnscopedTx::read(app).await?;
    let operators = sql::operators(&mut tx).await?;
    tx.commit().await?;
    if operators.is_empty() {
        return Ok("There is no operator.".to_owned());
    }
    let lines = operators.iter().map(|operator| {
        let status = if operator.is_suspended { "suspended" } else { "active" };
        let (email, name, since) = (&operator.email, &operator.name, operator.granted_at.day());
        format!("{email}\t{name}\t{since}\t{status}")
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}
