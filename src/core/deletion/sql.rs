//! The statements about accounts that are deleted.

use uuid::Uuid;

use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::email::EmailAddress;
use crate::platform::ids::{OrganizationId, UserId};
use crate::platform::session::SessionKey;
use crate::platform::tenant::UnscopedTx;
use crate::platform::text::name_key;

/// The name that pages show for a person whose account is deleted.
const NOBODY: &str = "Deleted account";

/// An organization that the person belongs to.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Place {
    pub id: OrganizationId,
    pub name: String,
    pub slug: String,
    pub is_suspended: bool,
    /// Whether it requires a second factor.
    pub requires_factor: bool,
}

/// The organizations of `user`, ordered by name.
pub(super) async fn organizations(
    tx: &mut UnscopedTx,
    user: UserId,
) -> Result<Vec<Place>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select o.id, o.name, o.slug,
                o.suspended_at is not null or m.suspended_at is not null as is_suspended,
                o.requires_factor
         from memberships m
         join organizations o on o.id = m.organization_id and o.deleted_at is null
         where m.user_id = $1
         order by o.name_key, o.id
         limit 10000"
    ))
    .bind(user)
    .all()
    .await
}

/// The organizations where something of `user` has to end, by id: those they belong to, those they
/// are invited to at a confirmed address, and those they visit as an operator.
pub(super) async fn places(
    tx: &mut UnscopedTx,
    user: UserId,
    proved: Option<&EmailAddress>,
    now: Timestamp,
) -> Result<Vec<OrganizationId>, sqlx::Error> {
    let ids: Vec<(OrganizationId,)> = tx
        .query(unscoped_sql!(
            "select organization_id from memberships where user_id = $1
             union
             select organization_id from invitations where email = $2 and status = 'pending'
             union
             select organization_id from operator_visits
             where user_id = $1 and ended_at is null and ends_at > $3
             order by 1
             limit 100000"
        ))
        .bind(user)
        .bind(proved)
        .bind(now)
        .all()
        .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// The name and address of an account.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Identity {
    pub name: String,
    pub email: EmailAddress,
    pub email_verified_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

pub(super) async fn identity(tx: &mut UnscopedTx, user: UserId) -> Result<Identity, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select name, email, email_verified_at, created_at from users where id = $1"
    ))
    .bind(user)
    .one()
    .await
}

/// Earlier addresses that the account had confirmed, unless they belong to somebody else now.
pub(super) async fn former_emails(
    tx: &mut UnscopedTx,
    user: UserId,
) -> Result<Vec<EmailAddress>, sqlx::Error> {
    let emails: Vec<(EmailAddress,)> = tx
        .query(unscoped_sql!(
            "select distinct c.old_email from address_changes c
             where c.user_id = $1 and c.undo_until is not null
                and not exists (select 1 from users u where u.email = c.old_email)
             limit 1000"
        ))
        .bind(user)
        .all()
        .await?;
    Ok(emails.into_iter().map(|(email,)| email).collect())
}

/// All addresses in changes of the account's address, requested or made.
pub(super) async fn changed_emails(
    tx: &mut UnscopedTx,
    user: UserId,
) -> Result<Vec<EmailAddress>, sqlx::Error> {
    let emails: Vec<(EmailAddress,)> = tx
        .query(unscoped_sql!(
            "select old_email from address_changes where user_id = $1
             union
             select new_email from address_changes where user_id = $1
             limit 1000"
        ))
        .bind(user)
        .all()
        .await?;
    Ok(emails.into_iter().map(|(email,)| email).collect())
}

/// Ends all sign-ins for good; returns the keys of their sessions.
pub(super) async fn take_sign_ins(
    tx: &mut UnscopedTx,
    user: UserId,
) -> Result<Vec<SessionKey>, sqlx::Error> {
    let keys: Vec<(SessionKey,)> = tx
        .query(unscoped_sql!("delete from sign_ins where user_id = $1 returning session_hash"))
        .bind(user)
        .all()
        .await?;
    Ok(keys.into_iter().map(|(key,)| key).collect())
}

/// Removes everything that belongs only to the account. A test checks that no table is missing.
pub(super) async fn remove_belongings(
    tx: &mut UnscopedTx,
    user: UserId,
) -> Result<(), sqlx::Error> {
    for statement in [
        unscoped_sql!("delete from account_tokens where user_id = $1"),
        unscoped_sql!("delete from address_changes where user_id = $1"),
        unscoped_sql!("delete from account_acts where user_id = $1"),
        unscoped_sql!("delete from former_passwords where user_id = $1"),
        unscoped_sql!("delete from account_helps where user_id = $1"),
        unscoped_sql!("delete from totp_factors where user_id = $1"),
        unscoped_sql!("delete from recovery_codes where user_id = $1"),
        unscoped_sql!("delete from passkeys where user_id = $1"),
        unscoped_sql!("delete from devices where user_id = $1"),
        unscoped_sql!("delete from pictures where user_id = $1"),
        unscoped_sql!("delete from stranger_mails where sender_id = $1"),
    ] {
        tx.query(statement).bind(user).execute().await?;
    }
    Ok(())
}

/// Removes waiting and former sign-ups with this address.
pub(super) async fn remove_sign_ups(
    tx: &mut UnscopedTx,
    email: &EmailAddress,
) -> Result<(), sqlx::Error> {
    tx.query(unscoped_sql!("delete from sign_ups where email = $1")).bind(email).execute().await?;
    Ok(())
}

/// Removes name, address and password from the account, which nobody can use any more.
pub(super) async fn blank(
    tx: &mut UnscopedTx,
    user: UserId,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    // Unique, and random, so that nobody could have signed up with it before.
    let email = format!("{}@account.invalid", Uuid::new_v4());
    tx.query(unscoped_sql!(
        "update users
         set name = $2, name_key = $3, email = $4, email_verified_at = null, password_hash = '',
             theme = 'system', density = 'comfortable', shortcuts = 'on', deleted_at = $5
         where id = $1"
    ))
    .bind(user)
    .bind(NOBODY)
    .bind(name_key(NOBODY))
    .bind(email)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// The number of signed-in browsers.
pub(super) async fn count_sign_ins(
    tx: &mut UnscopedTx,
    user: UserId,
    now: Timestamp,
) -> Result<i64, sqlx::Error> {
    let (count,) = tx
        .query(unscoped_sql!(
            "select count(*) from sign_ins
             where user_id = $1 and ended_at is null and expires_at > $2"
        ))
        .bind(user)
        .bind(now)
        .one()
        .await?;
    Ok(count)
}

/// The number of open invitations to an address.
pub(super) async fn count_invitations(
    tx: &mut UnscopedTx,
    email: &EmailAddress,
    now: Timestamp,
) -> Result<i64, sqlx::Error> {
    let (count,) = tx
        .query(unscoped_sql!(
            "select count(*) from invitations
             where email = $1 and status = 'pending' and expires_at > $2"
        ))
        .bind(email)
        .bind(now)
        .one()
        .await?;
    Ok(count)
}
