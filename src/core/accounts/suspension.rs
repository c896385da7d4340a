//! Accounts that an operator has suspended: nobody can sign in to them. What happens to their
//! sign-ins, and the message at sign-in.

use super::changes;
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::ids::UserId;
use crate::platform::session;
use crate::platform::tenant::UnscopedTx;

#[derive(FromRow)]
struct Helper {
    name: String,
    email: EmailAddress,
}

/// Whether the account is suspended; the caller must have locked it.
pub(super) async fn is_suspended(tx: &mut UnscopedTx, user: UserId) -> Result<bool, sqlx::Error> {
    let (count,): (i64,) = tx
        .query(unscoped_sql!(
            "select count(*) from users where id = $1 and suspended_at is not null"
        ))
        .bind(user)
        .one()
        .await?;
    Ok(count > 0)
}

/// The message for people who have shown that the account is theirs: that it is suspended, why, and
/// whom to ask.
pub(crate) async fn words(app: &App, user: UserId) -> Result<String> {
    let mut tx = UnscopedTx::read(app).await?;
    let reason: Option<(Option<String>,)> = tx
        .query(unscoped_sql!("select suspended_reason from users where id = $1"))
        .bind(user)
        .optional()
        .await?;
    let helpers: Vec<Helper> = tx
        .query(unscoped_sql!(
            "select u.name, u.email
             from operators p
             join users u on u.id = p.user_id and u.suspended_at is null
             order by p.granted_at, u.email
             limit 3"
        ))
        .all()
        .await?;
    tx.commit().await?;
    let why = reason.and_then(|(reason,)| reason).filter(|reason| !reason.is_empty());
    let why = why.map(|reason| format!(" Reason: “{reason}”.")).unwrap_or_default();
    let helpers: Vec<String> =
        helpers.iter().map(|helper| format!("{} ({})", helper.name, helper.email)).collect();
    let whom = match helpers.as_slice() {
        [] => "the operator of this installation".to_owned(),
        [one] => format!("{one}, the operator of this installation"),
        [first @ .., last] => {
            format!("{} or {last}, the operators of this installation", first.join(", "))
        }
    };
    Ok(format!("Your account is suspended. Your data is safe.{why} Contact {whom}."))
}

/// Suspends the account and ends all its sign-ins. Returns false if it was suspended already.
pub(crate) async fn suspend(
    tx: &mut UnscopedTx,
    user: UserId,
    reason: &str,
    now: Timestamp,
) -> Result<bool> {
    // The account is locked before its sign-ins, as everywhere, which prevents deadlocks and new
    // sign-ins.
    tx.lock_person(user).await?;
    let changed = tx
        .query(unscoped_sql!(
            "update users set suspended_at = $1, suspended_reason = $2
             where id = $3 and suspended_at is null"
        ))
        .bind(now)
        .bind(reason)
        .bind(user)
        .execute()
        .await?;
    session::end_all(tx, user, now).await?;
    changes::void_open(tx, user, now).await?;
    Ok(changed == 1)
}

/// Lets people sign in again. Returns false if the account was not suspended.
pub(crate) async fn reactivate(tx: &mut UnscopedTx, user: UserId) -> Result<bool> {
    let changed = tx
        .query(unscoped_sql!(
            "update users set suspended_at = null, suspended_reason = null
             where id = $1 and suspended_at is not null"
        ))
        .bind(user)
        .execute()
        .await?;
    Ok(changed == 1)
}
