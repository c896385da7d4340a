//! The statements about accounts. People belong to no organization.

use serde_json::json;
use time::Duration;

use super::dispute;
use crate::core::accounts::noun::{ADDRESS_CONFIRMED, USER_EMAIL};
use crate::platform::App;
use crate::platform::audit::Entry;
use crate::platform::clock::Timestamp;
use crate::platform::db::constraints::Broken;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{SignInId, UserId};
use crate::platform::session::limits::{self, bind_open, open_sign_in};
use crate::platform::tenant::UnscopedTx;
use crate::platform::text::name_key;

/// How long ended sign-ins and spent tokens stay for the operator to look into.
const RETENTION: Duration = Duration::days(30);

/// What signing in needs to know of an account.
#[derive(sqlx::FromRow)]
pub(crate) struct Credentials {
    pub user_id: UserId,
    pub name: String,
    pub email: EmailAddress,
    pub password_hash: String,
    /// Whether the password is not enough.
    pub has_factor: bool,
    /// Whether nobody signs in to it.
    pub is_suspended: bool,
    /// Whether the address was proved.
    pub is_verified: bool,
}

pub(super) async fn insert_user(
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

/// An address that its last holder can still take back counts as taken. `user` has it already in
/// this transaction: this waited for anyone who was leaving it at the same moment, and what they
/// may take back is seen from here. A look before, or in the same statement, would miss it.
///
/// # Errors
/// A broken [`USER_EMAIL`].
pub(super) async fn refuse_reserved(
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

pub(super) async fn credentials(
    tx: &mut UnscopedTx,
    email: &EmailAddress,
) -> Result<Option<Credentials>, sqlx::Error> {
    tx.query(credentials!("u.email = $1")).bind(email).optional().await
}

/// What signing in needs to know of the account `user`.
pub(crate) async fn credentials_of(
    tx: &mut UnscopedTx,
    user: UserId,
) -> Result<Option<Credentials>, sqlx::Error> {
    tx.query(credentials!("u.id = $1")).bind(user).optional().await
}

/// Whether nobody has signed in to the account yet, as far as that is still known: sign-ins and
/// known browsers go after a time, and then an account is so old that it does not matter.
pub(super) async fn is_first_sign_in(
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

pub(super) async fn password_hash(
    tx: &mut UnscopedTx,
    user: UserId,
) -> Result<String, sqlx::Error> {
    let (hash,) = tx
        .query(unscoped_sql!("select password_hash from users where id = $1"))
        .bind(user)
        .one()
        .await?;
    Ok(hash)
}

/// Stores another hash unless it was changed since `replaced` was read; says whether it did. The
/// account stays locked until the transaction ends: with the same hash twice, that is all it does.
pub(super) async fn replace_password(
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

/// Stores a new password unless it was changed since `replaced` was read, and keeps the one before for
/// as long as the change can be disputed; says whether it did.
pub(super) async fn change_password(
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

/// Stores the same password's hash in today's form, unless it was changed since; says whether it
/// did. Nobody wants that in the audit log.
pub(super) async fn renew_hash(app: &App, account: &Credentials, hash: &str) -> Result<bool> {
    let mut tx = UnscopedTx::write(app).await?;
    let replaced = replace_password(&mut tx, account.user_id, &account.password_hash, hash).await?;
    tx.commit_unrecorded().await?;
    Ok(replaced)
}

/// Stores a new password, and keeps the one before for as long as the change can be disputed.
pub(super) async fn set_password(
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

pub(super) async fn rename(
    tx: &mut UnscopedTx,
    user: UserId,
    name: &str,
) -> Result<(), sqlx::Error> {
    tx.query(unscoped_sql!("update users set name = $1, name_key = $2 where id = $3"))
        .bind(name)
        .bind(name_key(name))
        .bind(user)
        .execute()
        .await?;
    Ok(())
}

/// An account whose address nobody has proved.
#[derive(sqlx::FromRow)]
pub(super) struct Unproved {
    pub name: String,
    pub created_at: Timestamp,
}

pub(super) async fn unproved(
    tx: &mut UnscopedTx,
    user: UserId,
) -> Result<Option<Unproved>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select name, created_at from users
         where id = $1 and email_verified_at is null and deleted_at is null"
    ))
    .bind(user)
    .optional()
    .await
}

/// Notes that `user` has proved to receive mail at `email`; says whether that is news.
pub(crate) async fn mark_verified(
    tx: &mut UnscopedTx,
    user: UserId,
    email: &EmailAddress,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let is_news = set_verified(tx, user, email, now).await?;
    if is_news {
        tx.record(Entry::new(ADDRESS_CONFIRMED, super::object(user, email)).person(user));
    }
    Ok(is_news)
}

/// Notes that the operator of the installation answers for `email` being that of `user`, which
/// nobody has shown; says whether that is news.
pub(crate) async fn vouch_for(
    tx: &mut UnscopedTx,
    user: UserId,
    email: &EmailAddress,
) -> Result<bool, sqlx::Error> {
    tx.lock_person(user).await?;
    let now = tx.now();
    let is_news = set_verified(tx, user, email, now).await?;
    if is_news {
        let entry = Entry::new(ADDRESS_CONFIRMED, super::object(user, email)).person(user);
        tx.record(entry.after(json!({ "vouched_for_by": "the operator of the installation" })));
    }
    Ok(is_news)
}

async fn set_verified(
    tx: &mut UnscopedTx,
    user: UserId,
    email: &EmailAddress,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let proved = tx
        .query(unscoped_sql!(
            "update users set email_verified_at = $1
             where id = $2 and email = $3 and email_verified_at is null"
        ))
        .bind(now)
        .bind(user)
        .bind(email)
        .execute()
        .await?;
    Ok(proved == 1)
}

/// A sign-in as its owner sees it.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct SignInRow {
    pub id: SignInId,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
    pub kept: bool,
    pub address: String,
    pub user_agent: String,
    /// What was shown to sign in; not known of old ones.
    pub signed_in_with: Option<String>,
}

impl SignInRow {
    /// When it ends by itself unless it is used again.
    pub fn ends_at(&self) -> Timestamp {
        limits::ends_at(self.last_seen_at, self.expires_at, self.kept)
    }
}

pub(super) async fn sign_ins(
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

pub(super) async fn end_sign_in(
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

pub(super) async fn owns_sign_in(
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

/// Removes sign-ins and tokens that ended more than 30 days ago.
pub async fn remove_expired(app: &App) -> Result<()> {
    let before = app.clock.now().plus(-RETENTION);
    let mut tx = UnscopedTx::write(app).await?;
    // Someone's name and address, who has no account.
    tx.query(unscoped_sql!("delete from sign_ups where expires_at < $1"))
        .bind(app.clock.now())
        .execute()
        .await?;
    tx.query(unscoped_sql!("delete from first_links where expires_at < $1"))
        .bind(before)
        .execute()
        .await?;
    tx.query(unscoped_sql!("delete from sign_ins where ended_at < $1 or expires_at < $1"))
        .bind(before)
        .execute()
        .await?;
    tx.query(unscoped_sql!("delete from account_tokens where expires_at < $1"))
        .bind(before)
        .execute()
        .await?;
    dispute::remove_expired(app, &mut tx).await?;
    tx.query(unscoped_sql!("delete from account_helps where asked_at < $1"))
        .bind(before)
        .execute()
        .await?;
    tx.query(unscoped_sql!(
        "delete from address_changes
         where expires_at < $1 and (undo_until is null or undo_until < $1)"
    ))
    .bind(before)
    .execute()
    .await?;
    tx.commit_unrecorded().await?;
    Ok(())
}
