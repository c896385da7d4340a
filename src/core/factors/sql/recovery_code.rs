//! Recovery codes.

use crate::core::factors::noun::RecoveryCodeId;
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::ids::UserId;
use crate::platform::tenant::UnscopedTx;

/// Replaces all recovery codes; the old ones stop working.
pub async fn replace_recovery_codes(
    tx: &mut UnscopedTx,
    user: UserId,
    hashes: &[Vec<u8>],
) -> Result<(), sqlx::Error> {
    let now = tx.now();
    tx.query(unscoped_sql!(
        "update recovery_codes set replaced_at = $1 where user_id = $2 and replaced_at is null"
    ))
    .bind(now)
    .bind(user)
    .execute()
    .await?;
    for hash in hashes {
        tx.query(unscoped_sql!(
            "insert into recovery_codes (id, user_id, code_hash, created_at)
             values ($1, $2, $3, $4)"
        ))
        .bind(RecoveryCodeId::new())
        .bind(user)
        .bind(hash)
        .bind(now)
        .execute()
        .await?;
    }
    Ok(())
}

/// Uses up a recovery code; returns false if there is none or it was used before.
pub async fn use_recovery_code(
    tx: &mut UnscopedTx,
    user: UserId,
    hash: &[u8],
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let used = tx
        .query(unscoped_sql!(
            "update recovery_codes set used_at = $1
             where user_id = $2 and code_hash = $3 and used_at is null and replaced_at is null
                and disputed_at is null"
        ))
        .bind(now)
        .bind(user)
        .bind(hash)
        .execute()
        .await?;
    Ok(used == 1)
}

pub async fn recovery_codes_left(tx: &mut UnscopedTx, user: UserId) -> Result<i64, sqlx::Error> {
    let (count,) = tx
        .query(unscoped_sql!(
            "select count(*) from recovery_codes
             where user_id = $1 and used_at is null and replaced_at is null
                and disputed_at is null"
        ))
        .bind(user)
        .one()
        .await?;
    Ok(count)
}
