//! The password of an account, and what else is needed to sign in.

use crate::core::accounts::dispute;
use crate::platform::App;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::ids::UserId;
use crate::platform::tenant::UnscopedTx;

/// The data of an account that signing in needs.
#[derive(FromRow)]
pub struct Credentials {
    pub user_id: UserId,
    pub name: String,
    pub email: EmailAddress,
    pub password_hash: String,
    /// Whether a second factor is needed, too.
    pub has_factor: bool,
    /// Whether the account is suspended.
    pub is_suspended: bool,
    /// Whether the address is confirmed.
    pub is_verified: bool,
}

macro_rules! credentials {
    ($condition:literal) => {
        unscoped_sql!(concat!(
            "select u.id as user_id, u.name, u.email, u.password_hash,
                    u.suspended_at is not null as is_suspended,
                    u.email_verified_at is not null as is_verified,
                    (exists (select 1 from totp_factors f
                             where f.user_id = u.id and f.confirmed_at is not null
                                    and f.removed_at is null)
                     or exists (select 1 from passkeys p
                                    where p.user_id = u.id and p.removed_at is null)) as has_factor
             from users u
             where u.deleted_at is null and ",
            $condition
        ))
    };
}

pub async fn credentials(
    tx: &mut UnscopedTx,
    email: &EmailAddress,
) -> Result<Option<Credentials>, sqlx::Error> {
    tx.query(credentials!("u.email = $1")).bind(email).optional().await
}

/// Returns the data of the account `user` that signing in needs.
pub async fn credentials_of(
    tx: &mut UnscopedTx,
    user: UserId,
) -> Result<Option<Credentials>, sqlx::Error> {
    tx.query(credentials!("u.id = $1")).bind(user).optional().await
}

pub async fn password_hash(tx: &mut UnscopedTx, user: UserId) -> Result<String, sqlx::Error> {
    let (hash,) = tx
        .query(unscoped_sql!("select password_hash from users where id = $1"))
        .bind(user)
        .one()
        .await?;
    Ok(hash)
}

/// Stores another hash unless it was changed since `replaced` was read; returns whether it did. The
/// account stays locked until the transaction ends: called with the same hash twice, it does
/// nothing else.
pub async fn replace_password(
    tx: &mut UnscopedTx,
    user: UserId,
    replaced: &str,
    hash: &str,
) -> Result<bool, sqlx::Error> {
    let changed = tx
        .query(unscoped_sql!(
            "update users set password_hash = $1 where id = $2 and password_hash = $3"
        ))
        .bind(hash)
        .bind(user)
        .bind(replaced)
        .execute()
        .await?;
    Ok(changed == 1)
}

/// Stores a new password unless it was changed since `replaced` was read, and keeps the previous
/// one as long as the change can be disputed. Returns whether it did.
pub async fn change_password(
    tx: &mut UnscopedTx,
    user: UserId,
    replaced: &str,
    hash: &str,
) -> Result<bool, sqlx::Error> {
    tx.lock_person(user).await?;
    if !replace_password(tx, user, replaced, replaced).await? {
        return Ok(false);
    }
    set_password(tx, user, hash).await?;
    Ok(true)
}

/// Stores a new hash of the same password, unless the password was changed since; returns whether
/// it did. This is not worth an entry in the audit log.
pub async fn renew_hash(app: &App, account: &Credentials, hash: &str) -> Result<bool> {
    let mut tx = UnscopedTx::write(app).await?;
    let replaced = replace_password(&mut tx, account.user_id, &account.password_hash, hash).await?;
    tx.commit_unrecorded().await?;
    Ok(replaced)
}

/// Stores a new password, and keeps the previous one as long as the change can be disputed.
pub async fn set_password(
    tx: &mut UnscopedTx,
    user: UserId,
    hash: &str,
) -> Result<(), sqlx::Error> {
    dispute::keep_former_password(tx, user).await?;
    tx.query(unscoped_sql!("update users set password_hash = $1 where id = $2"))
        .bind(hash)
        .bind(user)
        .execute()
        .await?;
    Ok(())
}
