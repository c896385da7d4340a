//! The statements about help for people who have lost their factors.

use crate::core::accounts::noun::AccountHelpId;
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::email::EmailAddress;
use crate::platform::ids::UserId;
use crate::platform::secrets::Token;
use crate::platform::tenant::UnscopedTx;

/// Help that was asked for.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Help {
    pub id: AccountHelpId,
    pub user_id: UserId,
    pub name: String,
    /// The address where the person was told.
    pub email: EmailAddress,
    /// Whether that is still the account's address.
    pub is_current: bool,
    pub reason: String,
    pub due_at: Option<Timestamp>,
    pub stopped_at: Option<Timestamp>,
    pub done_at: Option<Timestamp>,
}

impl Help {
    /// Whether it has neither happened nor been stopped.
    pub fn is_open(&self) -> bool {
        self.stopped_at.is_none() && self.done_at.is_none()
    }
}

macro_rules! help {
    ($condition:literal) => {
        unscoped_sql!(concat!(
            "select h.id, h.user_id, u.name, h.email, u.email = h.email as is_current, h.reason,
                    h.due_at, h.stopped_at, h.done_at
             from account_helps h
             join users u on u.id = h.user_id and u.deleted_at is null
             where ",
            $condition
        ))
    };
}

pub(super) async fn find(
    tx: &mut UnscopedTx,
    id: AccountHelpId,
) -> Result<Option<Help>, sqlx::Error> {
    tx.query(help!("h.id = $1")).bind(id).optional().await
}

pub(super) async fn find_by_token(
    tx: &mut UnscopedTx,
    token: &Token,
) -> Result<Option<Help>, sqlx::Error> {
    tx.query(help!("h.token_hash = $1")).bind(token.digest()).optional().await
}

/// The open help of an account.
pub(super) async fn open(tx: &mut UnscopedTx, user: UserId) -> Result<Option<Help>, sqlx::Error> {
    tx.query(help!("h.user_id = $1 and h.stopped_at is null and h.done_at is null"))
        .bind(user)
        .optional()
        .await
}

pub(super) async fn insert(
    tx: &mut UnscopedTx,
    id: AccountHelpId,
    user: UserId,
    email: &EmailAddress,
    reason: &str,
) -> Result<(), sqlx::Error> {
    let now = tx.now();
    tx.query(unscoped_sql!(
        "insert into account_helps (id, user_id, email, reason, asked_at)
         values ($1, $2, $3, $4, $5)"
    ))
    .bind(id)
    .bind(user)
    .bind(email)
    .bind(reason)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Stores that the person is told with this link, which starts the waiting time.
pub(super) async fn told(
    tx: &mut UnscopedTx,
    id: AccountHelpId,
    token: &Token,
    due_at: Timestamp,
) -> Result<(), sqlx::Error> {
    tx.query(unscoped_sql!("update account_helps set token_hash = $1, due_at = $2 where id = $3"))
        .bind(token.digest())
        .bind(due_at)
        .bind(id)
        .execute()
        .await?;
    Ok(())
}

/// Stops it. Returns false if it was not open.
pub(super) async fn stop(tx: &mut UnscopedTx, id: AccountHelpId) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    let stopped = tx
        .query(unscoped_sql!(
            "update account_helps set stopped_at = $1
             where id = $2 and stopped_at is null and done_at is null"
        ))
        .bind(now)
        .bind(id)
        .execute()
        .await?;
    Ok(stopped == 1)
}

/// Marks it as done. Returns false if it was not open.
pub(super) async fn done(tx: &mut UnscopedTx, id: AccountHelpId) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    let done = tx
        .query(unscoped_sql!(
            "update account_helps set done_at = $1
             where id = $2 and stopped_at is null and done_at is null and due_at <= $1"
        ))
        .bind(now)
        .bind(id)
        .execute()
        .await?;
    Ok(done == 1)
}
