//! Ending sign-ins and helping people from the command line. It sends no mail: the keys that seal one
//! stay with the service, which tells whom it concerns.

use serde_json::json;

use super::everybody;
use super::help::in_words;
use crate::accounts::{self, help};
use crate::error::AppError;
use crate::operators::command::find;
use crate::operators::reason::reason_to_suspend;
use crate::platform::App;
use crate::platform::audit::{Action, Entry};
use crate::platform::session;
use crate::platform::tenant::UnscopedTx;

/// Ends every sign-in of the account with this address; gives how many there were.
///
/// # Errors
/// In words, when the address belongs to nobody; otherwise what the database says.
pub async fn end_sign_ins_of(app: &App, email: &str) -> Result<u64, String> {
    let account = find(app, email).await?;
    let ended = async {
        let mut tx = UnscopedTx::write(app).await?;
        let ended = session::end_all(&mut tx, account.id, app.clock.now()).await?;
        if ended > 0 {
            let object = accounts::object(account.id, &account.email);
            let entry = Entry::new(Action::SignInsEnded, object).person(account.id);
            tx.record(entry.after(json!({ "ended": ended })));
        }
        tx.commit().await?;
        Ok(ended)
    };
    ended.await.map_err(|error: AppError| error.to_string())
}

/// Ends every sign-in of everybody; gives how many there were.
///
/// # Errors
/// What the database says.
pub async fn end_everybodys_sign_ins(app: &App) -> Result<u64, String> {
    let ended = async {
        let mut tx = UnscopedTx::write(app).await?;
        let ended = session::end_everybodys(&mut tx, None, app.clock.now()).await?;
        if ended > 0 {
            tx.record(everybody::entry(ended));
        }
        tx.commit().await?;
        Ok(ended)
    };
    ended.await.map_err(|error: AppError| error.to_string())
}

/// Asks that the second factors of the account with this address go; gives the line to print.
///
/// # Errors
/// In words, when the address belongs to nobody or the reason is missing; otherwise what the database
/// says.
pub async fn ask_for_help(app: &App, email: &str, reason: &str) -> Result<String, String> {
    let reason = reason_to_suspend(reason, "--reason: say how you know who asks")?;
    let account = find(app, email).await?;
    let asked = async {
        let mut tx = UnscopedTx::write(app).await?;
        let answer = help::ask(&mut tx, account.id, &reason).await?;
        tx.commit().await?;
        Ok(in_words(answer, account.email.as_str()))
    };
    asked.await.map_err(|error: AppError| error.to_string())
}

/// Calls that off; gives the line to print.
///
/// # Errors
/// In words, when the address belongs to nobody; otherwise what the database says.
pub async fn call_off_help(app: &App, email: &str) -> Result<String, String> {
    let account = find(app, email).await?;
    let stopped = async {
        let mut tx = UnscopedTx::write(app).await?;
        let was_open = help::call_off(&mut tx, account.id).await?;
        tx.commit().await?;
        Ok(match was_open {
            true => format!("The second factors of {} stay.", account.email),
            false => "There was nothing to call off.".to_owned(),
        })
    };
    stopped.await.map_err(|error: AppError| error.to_string())
}
