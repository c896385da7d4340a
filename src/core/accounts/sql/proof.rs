//! Whether the address of an account is confirmed.

use serde_json::json;

use crate::core::accounts::entry;
use crate::core::accounts::noun::ADDRESS_CONFIRMED;
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::email::EmailAddress;
use crate::platform::ids::UserId;
use crate::platform::tenant::UnscopedTx;

/// An account whose address is not confirmed.
#[derive(FromRow)]
pub struct Unproved {
    pub name: String,
    pub created_at: Timestamp,
}

pub async fn unproved(tx: &mut UnscopedTx, user: UserId) -> Result<Option<Unproved>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select name, created_at from users
         where id = $1 and email_verified_at is null and deleted_at is null"
    ))
    .bind(user)
    .optional()
    .await
}

/// Stores that `user` receives mail at `email`. Returns false if that was known already.
pub async fn mark_verified(
    tx: &mut UnscopedTx,
    user: UserId,
    email: &EmailAddress,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let is_news = set_verified(tx, user, email, now).await?;
    if is_news {
        tx.record(entry(ADDRESS_CONFIRMED, user, email));
    }
    Ok(is_news)
}

/// Stores that an operator vouches for `email` being the address of `user`, without proof. Returns
/// false if it was confirmed already.
pub async fn vouch_for(
    tx: &mut UnscopedTx,
    user: UserId,
    email: &EmailAddress,
) -> Result<bool, sqlx::Error> {
    tx.lock_person(user).await?;
    let now = tx.now();
    let is_news = set_verified(tx, user, email, now).await?;
    if is_news {
        let entry = entry(ADDRESS_CONFIRMED, user, email);
        tx.record(entry.after(json!({ "vouched_for_by": "the operator of the installation" })));
    }
    Ok(is_news)
}

async fn set_verified(
    tx: &mut UnscopedTx,
    user: UserId,
    email: &EmailAddress,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let proved = tx
        .query(unscoped_sql!(
            "update users set email_verified_at = $1
             where id = $2 and email = $3 and email_verified_at is null"
        ))
        .bind(now)
        .bind(user)
        .bind(email)
        .execute()
        .await?;
    Ok(proved == 1)
}
