//! The statements about acts on accounts and about former passwords.

use crate::core::accounts::noun::{AccountActId, FormerPasswordId};
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::ids::UserId;
use crate::platform::secrets::Token;
use crate::platform::tenant::UnscopedTx;

/// An act on an account, with the link that disputes it.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Act {
    pub id: AccountActId,
    pub user_id: UserId,
    /// The address that was told; the account gets it back.
    pub email: EmailAddress,
    pub what: String,
    pub origin: String,
    /// Acts from this time on are undone.
    pub since: Timestamp,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub closed_at: Option<Timestamp>,
}

macro_rules! act {
    ($condition:literal) => {
        unscoped_sql!(concat!(
            "select a.id, a.user_id, a.email, a.what, a.origin, a.since, a.created_at,
                    a.expires_at, a.closed_at
             from account_acts a
             join users u on u.id = a.user_id and u.deleted_at is null
             where ",
            $condition
        ))
    };
}

pub(super) async fn find(tx: &mut UnscopedTx, token: &Token) -> Result<Option<Act>, sqlx::Error> {
    tx.query(act!("a.token_hash = $1")).bind(token.digest()).optional().await
}

/// The acts on the account that the same address was told about and that can still be disputed, in
/// order.
pub(super) async fn open_for_same_address(
    tx: &mut UnscopedTx,
    act: &Act,
    now: Timestamp,
) -> Result<Vec<Act>, sqlx::Error> {
    tx.query(act!(
        "a.user_id = $1 and a.email = $2 and a.closed_at is null and a.expires_at > $3
         order by a.since, a.created_at, a.id
         limit 100"
    ))
    .bind(act.user_id)
    .bind(&act.email)
    .bind(now)
    .all()
    .await
}

/// An act to be recorded.
pub(super) struct NewAct<'a> {
    pub id: AccountActId,
    pub user: UserId,
    pub email: &'a EmailAddress,
    pub what: &'a str,
    pub origin: &'a str,
    pub since: Timestamp,
    pub now: Timestamp,
    pub expires_at: Timestamp,
}

pub(super) async fn insert(
    tx: &mut UnscopedTx,
    act: &NewAct<'_>,
    token: &Token,
) -> Result<(), sqlx::Error> {
    tx.query(unscoped_sql!(
        "insert into account_acts
            (id, user_id, email, token_hash, what, origin, since, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    ))
    .bind(act.id)
    .bind(act.user)
    .bind(act.email)
    .bind(token.digest())
    .bind(act.what)
    .bind(act.origin)
    .bind(act.since)
    .bind(act.now)
    .bind(act.expires_at)
    .execute()
    .await?;
    Ok(())
}

/// Voids all links that would undo only acts since then.
pub(super) async fn close_since(
    tx: &mut UnscopedTx,
    user: UserId,
    since: Timestamp,
) -> Result<(), sqlx::Error> {
    let now = tx.now();
    tx.query(unscoped_sql!(
        "update account_acts set closed_at = $1
         where user_id = $2 and since >= $3 and closed_at is null"
    ))
    .bind(now)
    .bind(user)
    .bind(since)
    .execute()
    .await?;
    Ok(())
}

/// Voids links that were sent since then to addresses other than `email`: their holders must not
/// undo that the account was taken back.
pub(super) async fn close_elsewhere(
    tx: &mut UnscopedTx,
    user: UserId,
    email: &EmailAddress,
    since: Timestamp,
) -> Result<(), sqlx::Error> {
    let now = tx.now();
    tx.query(unscoped_sql!(
        "update account_acts set closed_at = $1
         where user_id = $2 and email <> $3 and since >= $4 and closed_at is null"
    ))
    .bind(now)
    .bind(user)
    .bind(email)
    .bind(since)
    .execute()
    .await?;
    Ok(())
}

/// The current owner of the account.
#[derive(FromRow)]
pub(super) struct Holder {
    pub name: String,
    pub email: EmailAddress,
    pub is_verified: bool,
}

pub(super) async fn holder(tx: &mut UnscopedTx, user: UserId) -> Result<Holder, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select name, email, email_verified_at is not null as is_verified
         from users where id = $1"
    ))
    .bind(user)
    .one()
    .await
}

/// An earlier address of the account, which it can get back.
#[derive(FromRow)]
pub(super) struct Former {
    pub email: EmailAddress,
    pub replaced_at: Timestamp,
}

pub(super) async fn former_addresses(
    tx: &mut UnscopedTx,
    user: UserId,
) -> Result<Vec<Former>, sqlx::Error> {
    let now = tx.now();
    tx.query(unscoped_sql!(
        "select c.old_email as email, min(c.confirmed_at) as replaced_at
         from address_changes c
         join users u on u.id = c.user_id and u.email <> c.old_email
         where c.user_id = $1 and c.undo_until > $2 and c.confirmed_at is not null
            and c.undone_at is null
         group by c.old_email
         order by 2
         limit 20"
    ))
    .bind(user)
    .bind(now)
    .all()
    .await
}

/// Keeps the account's current password, which is about to be replaced.
pub(in crate::core::accounts) async fn keep_former_password(
    tx: &mut UnscopedTx,
    user: UserId,
) -> Result<(), sqlx::Error> {
    let now = tx.now();
    tx.query(unscoped_sql!(
        "insert into former_passwords (id, user_id, password_hash, replaced_at)
         select $1, u.id, u.password_hash, $2 from users u
         where u.id = $3 and u.password_hash <> ''"
    ))
    .bind(FormerPasswordId::new())
    .bind(now)
    .bind(user)
    .execute()
    .await?;
    Ok(())
}

/// The account's password just before `since`.
pub(super) async fn password_before(
    tx: &mut UnscopedTx,
    user: UserId,
    since: Timestamp,
) -> Result<String, sqlx::Error> {
    let (hash,) = tx
        .query(unscoped_sql!(
            "select coalesce(
                (select f.password_hash from former_passwords f
                 where f.user_id = u.id and f.replaced_at >= $2
                 order by f.replaced_at, f.id
                 limit 1),
                u.password_hash)
             from users u where u.id = $1"
        ))
        .bind(user)
        .bind(since)
        .one()
        .await?;
    Ok(hash)
}

/// Revokes the password: nobody can sign in with one until the owner sets a new one by email.
pub(in crate::core::accounts) async fn end_password(
    tx: &mut UnscopedTx,
    user: UserId,
) -> Result<(), sqlx::Error> {
    keep_former_password(tx, user).await?;
    tx.query(unscoped_sql!("update users set password_hash = '' where id = $1"))
        .bind(user)
        .execute()
        .await?;
    Ok(())
}

/// Removes the acts and former passwords of an account that date from before its owner claimed it.
pub(in crate::core::accounts) async fn forget(
    tx: &mut UnscopedTx,
    user: UserId,
) -> Result<(), sqlx::Error> {
    for statement in [
        unscoped_sql!("delete from account_acts where user_id = $1"),
        unscoped_sql!("delete from former_passwords where user_id = $1"),
    ] {
        tx.query(statement).bind(user).execute().await?;
    }
    Ok(())
}

/// Removes what can no longer be disputed.
pub(in crate::core::accounts) async fn remove_expired(
    app: &App,
    tx: &mut UnscopedTx,
) -> Result<()> {
    let now = app.clock.now();
    tx.query(unscoped_sql!("delete from account_acts where expires_at < $1"))
        .bind(now.plus(-super::DISPUTABLE))
        .execute()
        .await?;
    tx.query(unscoped_sql!("delete from former_passwords where replaced_at < $1"))
        .bind(now.plus(-super::DISPUTABLE))
        .execute()
        .await?;
    Ok(())
}
