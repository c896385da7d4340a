//! An account: creating it, its name, and whether anybody has signed in to it.

use super::RETENTION;
use crate::core::accounts::noun::USER_EMAIL;
use crate::platform::clock::Timestamp;
use crate::platform::db::constraints::Broken;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::UserId;
use crate::platform::tenant::UnscopedTx;
use crate::platform::text::name_key;
use crate::platform::web::look::Look;

pub async fn insert_user(
    tx: &mut UnscopedTx,
    id: UserId,
    name: &str,
    email: &EmailAddress,
    password_hash: &str,
    verified_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<()> {
    tx.query(unscoped_sql!(
        "insert into users
            (id, name, name_key, email, email_verified_at, password_hash, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)"
    ))
    .bind(id)
    .bind(name)
    .bind(name_key(name))
    .bind(email)
    .bind(verified_at)
    .bind(password_hash)
    .bind(now)
    .execute()
    .await?;
    refuse_reserved(tx, id, email, now).await
}

/// Fails if the previous holder of an address can still take it back, which counts as taken. `user`
/// must already have the address in this transaction: the update has waited for anybody who was
/// giving it up at the same moment, so their change is visible now. A check before the update, or
/// in the same statement, would miss it.
///
/// # Errors
/// A violation of [`USER_EMAIL`].
pub async fn refuse_reserved(
    tx: &mut UnscopedTx,
    user: UserId,
    email: &EmailAddress,
    now: Timestamp,
) -> Result<()> {
    let (reserved,): (i64,) = tx
        .query(unscoped_sql!(
            "select count(*) from address_changes
             where old_email = $1 and undo_until > $2 and undone_at is null and user_id <> $3"
        ))
        .bind(email)
        .bind(now)
        .bind(user)
        .one()
        .await?;
    match reserved {
        0 => Ok(()),
        _ => Err(AppError::Internal(Box::new(Broken(USER_EMAIL)))),
    }
}

/// Whether nobody has signed in to the account yet, as far as is known: sign-ins and known browsers
/// are removed after a while, when the account is too old for this to matter.
pub async fn is_first_sign_in(
    tx: &mut UnscopedTx,
    user: UserId,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let (count,): (i64,) = tx
        .query(unscoped_sql!(
            "select count(*) from users u
             where u.id = $1 and u.created_at > $2
                and not exists (select 1 from sign_ins s where s.user_id = u.id)
                and not exists (select 1 from devices d where d.user_id = u.id)"
        ))
        .bind(user)
        .bind(now.plus(-RETENTION))
        .one()
        .await?;
    Ok(count == 1)
}

pub async fn rename(tx: &mut UnscopedTx, user: UserId, name: &str) -> Result<(), sqlx::Error> {
    tx.query(unscoped_sql!("update users set name = $1, name_key = $2 where id = $3"))
        .bind(name)
        .bind(name_key(name))
        .bind(user)
        .execute()
        .await?;
    Ok(())
}

/// Sets how pages look to the person.
pub async fn set_look(tx: &mut UnscopedTx, user: UserId, look: Look) -> Result<(), sqlx::Error> {
    tx.query(unscoped_sql!(
        "update users set theme = $1, density = $2, shortcuts = $3 where id = $4"
    ))
    .bind(look.theme)
    .bind(look.density)
    .bind(look.shortcuts)
    .bind(user)
    .execute()
    .await?;
    Ok(())
}
