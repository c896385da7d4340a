//! The sign-ins of an account.

use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::ids::{SignInId, UserId};
use crate::platform::session::limits::{self, bind_open, open_sign_in};
use crate::platform::tenant::UnscopedTx;

/// A sign-in, as its owner sees it.
#[derive(Debug, FromRow)]
pub struct SignInRow {
    pub id: SignInId,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
    pub kept: bool,
    pub address: String,
    pub user_agent: String,
    /// What the person signed in with; `None` for old sign-ins.
    pub signed_in_with: Option<String>,
}

impl SignInRow {
    /// When it expires unless it is used again.
    pub fn ends_at(&self) -> Timestamp {
        limits::ends_at(self.last_seen_at, self.expires_at, self.kept)
    }
}

pub async fn sign_ins(
    tx: &mut UnscopedTx,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<SignInRow>, sqlx::Error> {
    let query = tx.query(unscoped_sql!(concat!(
        "select s.id, s.created_at, s.last_seen_at, s.expires_at, s.kept, s.address, s.user_agent,
                s.signed_in_with
         from sign_ins s
         where ",
        open_sign_in!("s", "$1", "$2", "$3"),
        " and s.user_id = $4
         order by s.last_seen_at desc, s.id
         limit 100"
    )));
    bind_open(query, now).bind(user).all().await
}

pub async fn end_sign_in(
    tx: &mut UnscopedTx,
    user: UserId,
    id: SignInId,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let ended = tx
        .query(unscoped_sql!(
            "update sign_ins set ended_at = $1
             where id = $2 and user_id = $3 and ended_at is null"
        ))
        .bind(now)
        .bind(id)
        .bind(user)
        .execute()
        .await?;
    Ok(ended == 1)
}

pub async fn owns_sign_in(
    tx: &mut UnscopedTx,
    user: UserId,
    id: SignInId,
) -> Result<bool, sqlx::Error> {
    let (count,): (i64,) = tx
        .query(unscoped_sql!("select count(*) from sign_ins where id = $1 and user_id = $2"))
        .bind(id)
        .bind(user)
        .one()
        .await?;
    Ok(count == 1)
}
