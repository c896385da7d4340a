//! The factors of an account that its owner takes back: what they were at a moment, and what has
//! been added since.

use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::{UnscopedSql, unscoped_sql};
use crate::platform::error::Result;
use crate::platform::ids::UserId;
use crate::platform::tenant::UnscopedTx;

/// A way to sign in to an account besides its password.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct WayIn {
    pub name: String,
    pub added_at: Timestamp,
    /// The browser and network address it was added from; empty if unknown.
    pub added_from: String,
    /// Whether it opens nothing, because the owner has said that it is not theirs.
    pub is_disputed: bool,
}

/// The account's other ways to sign in: its apps, its passkeys and its recovery codes.
pub(crate) async fn ways_in(tx: &mut UnscopedTx, user: UserId) -> Result<Vec<WayIn>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select 'Authenticator app “' || name || '”' as name, confirmed_at as added_at, added_from,
                disputed_at is not null as is_disputed
         from totp_factors
         where user_id = $1 and confirmed_at is not null and removed_at is null
         union all
         select 'Passkey “' || name || '”', created_at, added_from, disputed_at is not null
         from passkeys where user_id = $1 and removed_at is null
         union all
         select 'Recovery codes', max(created_at), '', max(disputed_at) is not null
         from recovery_codes
         where user_id = $1 and replaced_at is null and used_at is null
         group by user_id
         order by 2, 1
         limit 100"
    ))
    .bind(user)
    .all()
    .await
}

/// Whether factors were added, removed or recreated since then. Only somebody who knows the
/// previous password may undo that.
pub(crate) async fn changed_since(
    tx: &mut UnscopedTx,
    user: UserId,
    since: Timestamp,
) -> Result<bool, sqlx::Error> {
    let (changed,) = tx
        .query(unscoped_sql!(
            "select exists (select 1 from totp_factors
                            where user_id = $1 and (confirmed_at >= $2 or removed_at >= $2))
                 or exists (select 1 from passkeys
                            where user_id = $1 and (created_at >= $2 or removed_at >= $2))
                 or exists (select 1 from recovery_codes
                            where user_id = $1 and (created_at >= $2 or replaced_at >= $2))"
        ))
        .bind(user)
        .bind(since)
        .one()
        .await?;
    Ok(changed)
}

/// Restores the factors of an account to what they were just before `since`: added ones are
/// removed, removed ones are back, and none is disputed any more.
pub(crate) async fn restore(tx: &mut UnscopedTx, user: UserId, since: Timestamp) -> Result<()> {
    const GOING: [UnscopedSql; 3] = [
        unscoped_sql!(
            "delete from totp_factors
             where user_id = $1 and (confirmed_at is null or confirmed_at >= $2)"
        ),
        unscoped_sql!("delete from passkeys where user_id = $1 and created_at >= $2"),
        unscoped_sql!("delete from recovery_codes where user_id = $1 and created_at >= $2"),
    ];
    const COMING: [UnscopedSql; 3] = [
        unscoped_sql!(
            "update totp_factors set removed_at = null, disputed_at = null
             where user_id = $1 and (removed_at is null or removed_at >= $2)"
        ),
        unscoped_sql!(
            "update passkeys set removed_at = null, disputed_at = null
             where user_id = $1 and (removed_at is null or removed_at >= $2)"
        ),
        unscoped_sql!(
            "update recovery_codes set replaced_at = null, disputed_at = null
             where user_id = $1 and (replaced_at is null or replaced_at >= $2)"
        ),
    ];
    for statement in GOING.into_iter().chain(COMING) {
        tx.query(statement).bind(user).bind(since).execute().await?;
    }
    Ok(())
}

/// Disables all factors that were added since then. They are still asked for, because the person
/// who does this has only shown that they read the owner's email.
pub(crate) async fn freeze(tx: &mut UnscopedTx, user: UserId, since: Timestamp) -> Result<()> {
    let now = tx.now();
    for statement in [
        unscoped_sql!(
            "update totp_factors set disputed_at = $3
             where user_id = $1 and confirmed_at >= $2 and disputed_at is null"
        ),
        unscoped_sql!(
            "update passkeys set disputed_at = $3
             where user_id = $1 and created_at >= $2 and disputed_at is null"
        ),
        unscoped_sql!(
            "update recovery_codes set disputed_at = $3
             where user_id = $1 and created_at >= $2 and disputed_at is null"
        ),
    ] {
        tx.query(statement).bind(user).bind(since).bind(now).execute().await?;
    }
    Ok(())
}

/// Removes all factors as their owner would, for a person who has lost theirs and is helped by an
/// operator.
pub(crate) async fn remove_all(tx: &mut UnscopedTx, user: UserId) -> Result<()> {
    let now = tx.now();
    for statement in [
        unscoped_sql!(
            "update totp_factors set removed_at = $1
             where user_id = $2 and removed_at is null and confirmed_at is not null"
        ),
        unscoped_sql!(
            "update passkeys set removed_at = $1 where user_id = $2 and removed_at is null"
        ),
        unscoped_sql!(
            "update recovery_codes set replaced_at = $1 where user_id = $2 and replaced_at is null"
        ),
    ] {
        tx.query(statement).bind(now).bind(user).execute().await?;
    }
    Ok(())
}

/// Deletes all factors, even removed ones: those of the person who had the account before its owner
/// claimed it.
pub(crate) async fn forget_all(tx: &mut UnscopedTx, user: UserId) -> Result<()> {
    for statement in [
        unscoped_sql!("delete from totp_factors where user_id = $1"),
        unscoped_sql!("delete from passkeys where user_id = $1"),
        unscoped_sql!("delete from recovery_codes where user_id = $1"),
    ] {
        tx.query(statement).bind(user).execute().await?;
    }
    Ok(())
}
