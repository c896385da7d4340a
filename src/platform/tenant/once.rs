//! Claims on forms that must take effect only once ([`crate::platform::web::once`]).

use time::Duration;

use super::unscoped::UnscopedTx;
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::Tx;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::error::{AppError, Result};
use crate::platform::secrets::digest;
use crate::platform::web::once::sending;

/// How long a claim is kept: a form that is sent again later was not sent by mistake.
const LIFETIME: Duration = Duration::days(2);

/// Claims the form of the running request for `whose`, an account's id or the address of somebody
/// without an account. It comes before any other lock, so that a concurrent sending of the same
/// form waits here.
///
/// # Errors
/// [`AppError::SentBefore`] when the form has already taken effect.
pub(super) async fn claim(tx: &mut Tx, whose: &str, now: Timestamp) -> Result<()> {
    let Some(sending) = sending() else { return Ok(()) };
    let key = key(&sending.form, whose);
    // Only what the request itself does must be recorded, not this claim.
    let was_changed = tx.is_changed();
    let claimed = tx
        .unscoped_query(unscoped_sql!(
            "insert into sent_forms (key, attempt, leads_to, sent_at) values ($1, $2, '', $3)
             on conflict (key) do nothing"
        ))
        .bind(key.clone())
        .bind(sending.attempt.clone())
        .bind(now)
        .execute()
        .await?;
    tx.set_changed(was_changed);
    if claimed == 1 {
        return Ok(());
    }
    let (attempt, leads_to): (Vec<u8>, String) = tx
        .unscoped_query(unscoped_sql!("select attempt, leads_to from sent_forms where key = $1"))
        .bind(key)
        .one()
        .await?;
    match attempt == sending.attempt {
        true => Ok(()),
        false => Err(AppError::SentBefore { to: leads_to }),
    }
}

/// Stores where a second sending of the running request's form is redirected.
pub(super) async fn leads_to(tx: &mut Tx, whose: &str, path: &str) -> Result<(), sqlx::Error> {
    let Some(sending) = sending() else { return Ok(()) };
    let was_changed = tx.is_changed();
    tx.unscoped_query(unscoped_sql!(
        "update sent_forms set leads_to = $2 where key = $1 and attempt = $3"
    ))
    .bind(key(&sending.form, whose))
    .bind(path)
    .bind(sending.attempt.clone())
    .execute()
    .await?;
    tx.set_changed(was_changed);
    Ok(())
}

fn key(form: &[u8], whose: &str) -> Vec<u8> {
    digest(&[form, whose.as_bytes()].concat())
}

/// Removes claims older than [`LIFETIME`].
pub async fn remove_old_claims(app: &App) -> Result<()> {
    let mut tx = UnscopedTx::write(app).await?;
    tx.query(unscoped_sql!("delete from sent_forms where sent_at < $1"))
        .bind(app.clock.now().plus(-LIFETIME))
        .execute()
        .await?;
    // Expired claims are of no interest to the audit log.
    tx.commit_unrecorded().await?;
    Ok(())
}
