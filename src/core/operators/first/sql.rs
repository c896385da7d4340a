//! The statements about links for the first operator.

use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::email::EmailAddress;
use crate::platform::secrets::Token;
use crate::platform::tenant::UnscopedTx;

/// A link, in any state.
#[derive(Clone, Debug, FromRow)]
pub(super) struct FirstLink {
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
    pub replaced_at: Option<Timestamp>,
}

/// Whether anybody has or had an account.
pub(super) async fn has_account(tx: &mut UnscopedTx) -> Result<bool, sqlx::Error> {
    let (found,): (i64,) = tx
        .query(unscoped_sql!("select count(*) from (select id from users limit 1) first_of_all"))
        .one()
        .await?;
    Ok(found > 0)
}

/// Whether the address has an account.
pub(super) async fn is_taken(
    tx: &mut UnscopedTx,
    email: &EmailAddress,
) -> Result<bool, sqlx::Error> {
    let (found,): (i64,) = tx
        .query(unscoped_sql!("select count(*) from users where email = $1"))
        .bind(email)
        .one()
        .await?;
    Ok(found > 0)
}

/// Voids all open links.
pub(super) async fn replace(tx: &mut UnscopedTx, now: Timestamp) -> Result<(), sqlx::Error> {
    tx.query(unscoped_sql!(
        "update first_links set replaced_at = $1 where used_at is null and replaced_at is null"
    ))
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

pub(super) async fn insert(
    tx: &mut UnscopedTx,
    token: &Token,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), sqlx::Error> {
    tx.query(unscoped_sql!(
        "insert into first_links (token_hash, created_at, expires_at) values ($1, $2, $3)"
    ))
    .bind(token.digest())
    .bind(now)
    .bind(expires_at)
    .execute()
    .await?;
    Ok(())
}

pub(super) async fn find(
    tx: &mut UnscopedTx,
    token: &Token,
) -> Result<Option<FirstLink>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select expires_at, used_at, replaced_at from first_links where token_hash = $1"
    ))
    .bind(token.digest())
    .optional()
    .await
}

/// Uses up the link; returns false if it was used before.
pub(super) async fn spend(
    tx: &mut UnscopedTx,
    token: &Token,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let spent = tx
        .query(unscoped_sql!(
            "update first_links set used_at = $1
             where token_hash = $2 and used_at is null and replaced_at is null and expires_at > $1"
        ))
        .bind(now)
        .bind(token.digest())
        .execute()
        .await?;
    Ok(spent == 1)
}
