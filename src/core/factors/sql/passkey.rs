//! Passkeys.

use super::Added;
use crate::core::factors::noun::PasskeyId;
use crate::core::factors::passkeys::NewPasskey;
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::ids::UserId;
use crate::platform::tenant::UnscopedTx;

/// A passkey, as its owner sees it.
#[derive(Debug, FromRow)]
pub struct PasskeyRow {
    pub id: PasskeyId,
    pub name: String,
    pub created_at: Timestamp,
    /// The browser and network address it was added from, if known.
    pub added_from: String,
    pub last_used_at: Option<Timestamp>,
    /// Whether the owner has said that they did not add it.
    pub is_disputed: bool,
}

pub async fn passkeys(tx: &mut UnscopedTx, user: UserId) -> Result<Vec<PasskeyRow>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select id, name, created_at, added_from, last_used_at,
                disputed_at is not null as is_disputed
         from passkeys
         where user_id = $1 and removed_at is null order by created_at, id"
    ))
    .bind(user)
    .all()
    .await
}

/// The credentials of a person's passkeys, with their transports.
pub async fn credentials(
    tx: &mut UnscopedTx,
    user: UserId,
) -> Result<Vec<(Vec<u8>, i64)>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select credential_id, transports from passkeys
         where user_id = $1 and removed_at is null and disputed_at is null"
    ))
    .bind(user)
    .all()
    .await
}

/// The data of a passkey that is needed to check an answer.
#[derive(FromRow)]
pub struct PasskeyKey {
    pub id: PasskeyId,
    pub user_id: UserId,
    pub public_key: Vec<u8>,
    pub state: Vec<u8>,
}

pub async fn passkey_by_credential(
    tx: &mut UnscopedTx,
    credential: &[u8],
) -> Result<Option<PasskeyKey>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select id, user_id, public_key, state from passkeys
         where credential_id = $1 and removed_at is null and disputed_at is null"
    ))
    .bind(credential)
    .optional()
    .await
}

/// Stores a use, unless another came in between.
pub async fn use_passkey(
    tx: &mut UnscopedTx,
    key: &PasskeyKey,
    state: &[u8],
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let used = tx
        .query(unscoped_sql!(
            "update passkeys set state = $1, last_used_at = $2 where id = $3 and state = $4"
        ))
        .bind(state)
        .bind(now)
        .bind(key.id)
        .bind(&key.state)
        .execute()
        .await?;
    Ok(used == 1)
}

/// Stores a passkey, unless somebody already has it.
pub async fn add_passkey(
    tx: &mut UnscopedTx,
    user: UserId,
    added: &Added<'_>,
    made: &NewPasskey,
) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    // The owner adds the same passkey again after removing it.
    tx.query(unscoped_sql!(
        "delete from passkeys
         where user_id = $1 and credential_id = $2 and removed_at is not null"
    ))
    .bind(user)
    .bind(&made.credential_id)
    .execute()
    .await?;
    let inserted = tx
        .query(unscoped_sql!(
            "insert into passkeys
                (id, user_id, name, credential_id, public_key, state, transports, created_at,
                 added_from)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (credential_id) do nothing"
        ))
        .bind(PasskeyId::new())
        .bind(user)
        .bind(added.name)
        .bind(&made.credential_id)
        .bind(&made.public_key)
        .bind(&made.state)
        .bind(made.transports)
        .bind(now)
        .bind(&added.from)
        .execute()
        .await?;
    Ok(inserted == 1)
}
