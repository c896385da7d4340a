//! `tenantry operator …`: who runs the installation is decided at its command line alone.

use clap::Subcommand;

use super::sql::{self, Account};
use super::visits;
use crate::accounts;
use crate::error::{AppError, Result};
use crate::platform::App;
use crate::platform::audit::{Action, Entry};
use crate::platform::email::EmailAddress;
use crate::platform::tenant::UnscopedTx;

/// What can be done about operators.
#[derive(Clone, Debug, Subcommand)]
pub enum OperatorCommand {
    /// Make the account with this address an operator of the installation.
    Grant {
        /// The address of an account.
        email: String,
    },
    /// Make it no operator any more; visits that go on end at once.
    Revoke {
        /// The address of an account.
        email: String,
    },
    /// List the operators, with the day since when.
    List,
}

/// Runs the command; gives the lines to print.
///
/// # Errors
/// In words, when the address belongs to nobody; otherwise what the database says.
pub async fn run(app: &App, command: &OperatorCommand) -> Result<String, String> {
    let fault = |error: AppError| error.to_string();
    match command {
        OperatorCommand::Grant { email } => {
            let account = find(app, email).await?;
            grant(app, &account).await.map_err(fault)
        }
        OperatorCommand::Revoke { email } => {
            let account = find(app, email).await?;
            revoke(app, &account).await.map_err(fault)
        }
        OperatorCommand::List => list(app).await.map_err(fault),
    }
}

pub(super) async fn find(app: &App, email: &str) -> Result<Account, String> {
    let nobody = || format!("{email:?}: nobody has an account with this address");
    let address = EmailAddress::of_account(email).map_err(|_| nobody())?;
    let read = async {
        let mut tx = UnscopedTx::read(app).await?;
        sql::account(&mut tx, &address).await
    };
    read.await.map_err(|error| error.to_string())?.ok_or_else(nobody)
}

async fn grant(app: &App, account: &Account) -> Result<String> {
    let mut tx = UnscopedTx::write(app).await?;
    tx.lock_person(account.id).await?;
    let is_new = sql::grant(&mut tx, account.id, app.clock.now()).await?;
    if is_new {
        let object = accounts::object(account.id, &account.email);
        tx.record(Entry::new(Action::OperatorGranted, object).person(account.id));
    }
    tx.commit().await?;
    let already = if is_new { "now" } else { "already" };
    Ok(format!("{} is an operator {already}.", account.email))
}

async fn revoke(app: &App, account: &Account) -> Result<String> {
    let mut tx = UnscopedTx::write(app).await?;
    tx.lock_person(account.id).await?;
    let was_one = sql::revoke(&mut tx, account.id).await?;
    if was_one {
        let object = accounts::object(account.id, &account.email);
        tx.record(Entry::new(Action::OperatorRevoked, object).person(account.id));
    }
    tx.commit().await?;
    let ended = visits::end_all(app, account.id, &account.email).await?;
    Ok(match (was_one, ended) {
        (false, _) => format!("{} is no operator.", account.email),
        (true, 0) => format!("{} is no operator any more.", account.email),
        (true, 1) => format!("{} is no operator any more. One visit has ended.", account.email),
        (true, _) => {
            format!("{} is no operator any more. {ended} visits have ended.", account.email)
        }
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
        format!("{}\t{}\t{}", operator.email, operator.name, operator.granted_at.day())
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}
