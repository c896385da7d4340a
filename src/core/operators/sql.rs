//! The statements about operators.

use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::email::EmailAddress;
use crate::platform::ids::UserId;
use crate::platform::tenant::UnscopedTx;

/// Makes an account an operator; returns false if it was one already.
pub(super) async fn grant(
    tx: &mut UnscopedTx,
    user: UserId,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let granted = tx
        .query(unscoped_sql!(
            "insert into operators (user_id, granted_at)
             select id, $2 from users where id = $1 and deleted_at is null
             on conflict (user_id) do nothing"
        ))
        .bind(user)
        .bind(now)
        .execute()
        .await?;
    Ok(granted == 1)
}

/// Revokes an account's operator rights; returns whether it had them.
pub(crate) async fn revoke(tx: &mut UnscopedTx, user: UserId) -> Result<bool, sqlx::Error> {
    let revoked = tx
        .query(unscoped_sql!("delete from operators where user_id = $1"))
        .bind(user)
        .execute()
        .await?;
    Ok(revoked == 1)
}

/// The number of operators.
pub(crate) async fn count(tx: &mut UnscopedTx) -> Result<i64, sqlx::Error> {
    let (count,) = tx.query(unscoped_sql!("select count(*) from operators")).one().await?;
    Ok(count)
}

/// An operator, as the command line lists them.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Operator {
    pub name: String,
    pub email: EmailAddress,
    pub granted_at: Timestamp,
    pub is_suspended: bool,
}

pub(super) async fn operators(tx: &mut UnscopedTx) -> Result<Vec<Operator>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select u.name, u.email, p.granted_at, u.suspended_at is not null as is_suspended
         from operators p
         join users u on u.id = p.user_id
         order by p.granted_at, u.email
         limit 10000"
    ))
    .all()
    .await
}
