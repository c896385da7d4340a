//! Removes what expired so long ago that nobody looks for it any more.

use super::RETENTION;
use crate::core::accounts::dispute;
use crate::platform::App;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::error::Result;
use crate::platform::tenant::UnscopedTx;

/// Removes sign-ins and tokens that ended more than 30 days ago.
pub async fn remove_expired(app: &App) -> Result<()> {
    let before = app.clock.now().plus(-RETENTION);
    let mut tx = UnscopedTx::write(app).await?;
    // Contains name and address of a person without an account.
    tx.query(unscoped_sql!("delete from sign_ups where expires_at < $1"))
        .bind(app.clock.now())
        .execute()
        .await?;
    tx.query(unscoped_sql!("delete from first_links where expires_at < $1"))
        .bind(before)
        .execute()
        .await?;
    tx.query(unscoped_sql!("delete from sign_ins where ended_at < $1 or expires_at < $1"))
        .bind(before)
        .execute()
        .await?;
    tx.query(unscoped_sql!("delete from account_tokens where expires_at < $1"))
        .bind(before)
        .execute()
        .await?;
    dispute::remove_expired(app, &mut tx).await?;
    tx.query(unscoped_sql!("delete from account_helps where asked_at < $1"))
        .bind(before)
        .execute()
        .await?;
    tx.query(unscoped_sql!(
        "delete from address_changes
         where expires_at < $1 and (undo_until is null or undo_until < $1)"
    ))
    .bind(before)
    .execute()
    .await?;
    tx.commit_unrecorded().await?;
    Ok(())
}
