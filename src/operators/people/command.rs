//! Ending sign-ins from the command line. It sends no mail: the keys that seal one stay with the
//! service.

use serde_json::json;

use super::everybody;
use crate::accounts;
use crate::error::AppError;
use crate::operators::command::find;
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
