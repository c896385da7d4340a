//! Authenticator apps.

use super::Added;
use crate::core::factors::noun::TotpFactorId;
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::ids::UserId;
use crate::platform::secrets::KeyId;
use crate::platform::tenant::UnscopedTx;

/// An app, as its owner sees it.
#[derive(Debug, FromRow)]
pub struct AppRow {
    pub id: TotpFactorId,
    pub name: String,
    pub confirmed_at: Timestamp,
    /// The browser and network address it was added from, if known.
    pub added_from: String,
    pub last_used_at: Option<Timestamp>,
    /// The id of the key that sealed its seed.
    pub key: KeyId,
    /// Whether the owner has said that they did not add it.
    pub is_disputed: bool,
}

/// An app with its sealed seed.
#[derive(FromRow)]
pub struct SealedSeed {
    pub id: TotpFactorId,
    pub sealed_seed: Vec<u8>,
}

/// A person's apps that a code has confirmed.
pub async fn apps(tx: &mut UnscopedTx, user: UserId) -> Result<Vec<AppRow>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select id, name, confirmed_at, added_from, last_used_at,
                substr(sealed_seed, 1, 4) as key, disputed_at is not null as is_disputed
         from totp_factors
         where user_id = $1 and confirmed_at is not null and removed_at is null
         order by confirmed_at, id"
    ))
    .bind(user)
    .all()
    .await
}

/// The seeds of a person's apps that are in effect.
pub async fn totp_seeds(tx: &mut UnscopedTx, user: UserId) -> Result<Vec<SealedSeed>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select id, sealed_seed from totp_factors
         where user_id = $1 and confirmed_at is not null and removed_at is null
            and disputed_at is null
         order by confirmed_at, id"
    ))
    .bind(user)
    .all()
    .await
}

/// Stores an app that is being set up, and replaces one that was never finished.
pub async fn begin_app(
    tx: &mut UnscopedTx,
    user: UserId,
    id: TotpFactorId,
    sealed_seed: &[u8],
) -> Result<(), sqlx::Error> {
    let now = tx.now();
    tx.query(unscoped_sql!("delete from totp_factors where user_id = $1 and confirmed_at is null"))
        .bind(user)
        .execute()
        .await?;
    tx.query(unscoped_sql!(
        "insert into totp_factors (id, user_id, name, sealed_seed, created_at, last_step)
         values ($1, $2, '', $3, $4, 0)"
    ))
    .bind(id)
    .bind(user)
    .bind(sealed_seed)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// The seed of an app that is being set up.
pub async fn unconfirmed_seed(
    tx: &mut UnscopedTx,
    user: UserId,
    id: TotpFactorId,
) -> Result<Option<SealedSeed>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select id, sealed_seed from totp_factors
         where id = $1 and user_id = $2 and confirmed_at is null"
    ))
    .bind(id)
    .bind(user)
    .optional()
    .await
}

/// Puts an app into effect, with the step of the code that confirmed it; returns false if it was
/// confirmed before.
pub async fn confirm_app(
    tx: &mut UnscopedTx,
    user: UserId,
    id: TotpFactorId,
    added: &Added<'_>,
    step: i64,
) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    let confirmed = tx
        .query(unscoped_sql!(
            "update totp_factors
             set name = $1, last_step = $2, confirmed_at = $3, added_from = $4
             where id = $5 and user_id = $6 and confirmed_at is null"
        ))
        .bind(added.name)
        .bind(step)
        .bind(now)
        .bind(&added.from)
        .bind(id)
        .bind(user)
        .execute()
        .await?;
    Ok(confirmed == 1)
}

/// Uses up the code of `step`; returns false if it or a later one was used before.
pub async fn use_step(
    tx: &mut UnscopedTx,
    id: TotpFactorId,
    step: i64,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let used = tx
        .query(unscoped_sql!(
            "update totp_factors set last_step = $1, last_used_at = $2
             where id = $3 and last_step < $1 and confirmed_at is not null
                and removed_at is null and disputed_at is null"
        ))
        .bind(step)
        .bind(now)
        .bind(id)
        .execute()
        .await?;
    Ok(used == 1)
}
