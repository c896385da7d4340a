//! The statements about second factors. They belong to people, and to no organization.

use time::Duration;

use super::passkeys::NewPasskey;
use crate::core::accounts::DISPUTABLE;
use crate::core::factors::noun::{PasskeyId, RecoveryCodeId, TotpFactorId};
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::error::Result;
use crate::platform::ids::UserId;
use crate::platform::secrets::KeyId;
use crate::platform::tenant::UnscopedTx;

/// How long set-ups that were never finished stay.
const RETENTION: Duration = Duration::days(1);

/// An app as its owner sees it.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct AppRow {
    pub id: TotpFactorId,
    pub name: String,
    pub confirmed_at: Timestamp,
    /// The browser and network that added it, where that is known.
    pub added_from: String,
    pub last_used_at: Option<Timestamp>,
    /// Which key has sealed its seed.
    #[sqlx(try_from = "Vec<u8>")]
    pub key: KeyId,
    /// Whether its owner has said that they did not add it.
    pub is_disputed: bool,
}

/// An app with its seed.
#[derive(sqlx::FromRow)]
pub(super) struct SealedSeed {
    pub id: TotpFactorId,
    pub sealed_seed: Vec<u8>,
}

/// The apps of a person that a code has confirmed.
pub(super) async fn apps(tx: &mut UnscopedTx, user: UserId) -> Result<Vec<AppRow>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select id, name, confirmed_at, added_from, last_used_at,
                substr(sealed_seed, 1, 4) as key, disputed_at is not null as is_disputed
         from totp_factors
         where user_id = $1 and confirmed_at is not null and removed_at is null
         order by confirmed_at, id"
    ))
    .bind(user)
    .all()
    .await
}

/// The seeds of those that open something.
pub(super) async fn totp_seeds(
    tx: &mut UnscopedTx,
    user: UserId,
) -> Result<Vec<SealedSeed>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select id, sealed_seed from totp_factors
         where user_id = $1 and confirmed_at is not null and removed_at is null
            and disputed_at is null
         order by confirmed_at, id"
    ))
    .bind(user)
    .all()
    .await
}

/// Puts an app that is being set up in place of one that never was finished.
pub(super) async fn begin_app(
    tx: &mut UnscopedTx,
    user: UserId,
    id: TotpFactorId,
    sealed_seed: &[u8],
) -> Result<(), sqlx::Error> {
    let now = tx.now();
    tx.query(unscoped_sql!("delete from totp_factors where user_id = $1 and confirmed_at is null"))
        .bind(user)
        .execute()
        .await?;
    tx.query(unscoped_sql!(
        "insert into totp_factors (id, user_id, name, sealed_seed, created_at, last_step)
         values ($1, $2, '', $3, $4, 0)"
    ))
    .bind(id)
    .bind(user)
    .bind(sealed_seed)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// The seed of an app that is being set up.
pub(super) async fn unconfirmed_seed(
    tx: &mut UnscopedTx,
    user: UserId,
    id: TotpFactorId,
) -> Result<Option<SealedSeed>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select id, sealed_seed from totp_factors
         where id = $1 and user_id = $2 and confirmed_at is null"
    ))
    .bind(id)
    .bind(user)
    .optional()
    .await
}

/// What is kept about a factor that is added, in addition to the factor.
pub(super) struct Added<'a> {
    pub name: &'a str,
    /// The browser and network that add it.
    pub from: String,
}

/// Makes an app count, with the step of the code that showed it; says whether it was news.
pub(super) async fn confirm_app(
    tx: &mut UnscopedTx,
    user: UserId,
    id: TotpFactorId,
    added: &Added<'_>,
    step: i64,
) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    let confirmed = tx
        .query(unscoped_sql!(
            "update totp_factors
             set name = $1, last_step = $2, confirmed_at = $3, added_from = $4
             where id = $5 and user_id = $6 and confirmed_at is null"
        ))
        .bind(added.name)
        .bind(step)
        .bind(now)
        .bind(&added.from)
        .bind(id)
        .bind(user)
        .execute()
        .await?;
    Ok(confirmed == 1)
}

/// Takes the code of `step`, unless it or a later one was taken before.
pub(super) async fn use_step(
    tx: &mut UnscopedTx,
    id: TotpFactorId,
    step: i64,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let used = tx
        .query(unscoped_sql!(
            "update totp_factors set last_step = $1, last_used_at = $2
             where id = $3 and last_step < $1 and confirmed_at is not null
                and removed_at is null and disputed_at is null"
        ))
        .bind(step)
        .bind(now)
        .bind(id)
        .execute()
        .await?;
    Ok(used == 1)
}

/// Gives an app another name; returns the one it had.
pub(super) async fn app_name(
    tx: &mut UnscopedTx,
    user: UserId,
    id: TotpFactorId,
) -> Result<Option<String>, sqlx::Error> {
    let name: Option<(String,)> = tx
        .query(unscoped_sql!(
            "select name from totp_factors
             where id = $1 and user_id = $2 and confirmed_at is not null and removed_at is null"
        ))
        .bind(id)
        .bind(user)
        .optional()
        .await?;
    Ok(name.map(|(name,)| name))
}

pub(super) async fn rename_app(
    tx: &mut UnscopedTx,
    id: TotpFactorId,
    name: &str,
) -> Result<(), sqlx::Error> {
    tx.query(unscoped_sql!("update totp_factors set name = $1 where id = $2"))
        .bind(name)
        .bind(id)
        .execute()
        .await?;
    Ok(())
}

/// From here on the app opens nothing. Its row stays for as long as the removal can be disputed.
pub(super) async fn remove_app(tx: &mut UnscopedTx, id: TotpFactorId) -> Result<(), sqlx::Error> {
    let now = tx.now();
    tx.query(unscoped_sql!("update totp_factors set removed_at = $1 where id = $2"))
        .bind(now)
        .bind(id)
        .execute()
        .await?;
    Ok(())
}

/// How many factors a person has besides recovery codes, disputed or not.
pub(super) async fn count(tx: &mut UnscopedTx, user: UserId) -> Result<i64, sqlx::Error> {
    let (count,) = tx
        .query(unscoped_sql!(
            "select (select count(*) from totp_factors
                     where user_id = $1 and confirmed_at is not null and removed_at is null)
                  + (select count(*) from passkeys where user_id = $1 and removed_at is null)"
        ))
        .bind(user)
        .one()
        .await?;
    Ok(count)
}

/// Replaces all recovery codes; the old ones stop working.
pub(super) async fn replace_recovery_codes(
    tx: &mut UnscopedTx,
    user: UserId,
    hashes: &[Vec<u8>],
) -> Result<(), sqlx::Error> {
    let now = tx.now();
    tx.query(unscoped_sql!(
        "update recovery_codes set replaced_at = $1 where user_id = $2 and replaced_at is null"
    ))
    .bind(now)
    .bind(user)
    .execute()
    .await?;
    for hash in hashes {
        tx.query(unscoped_sql!(
            "insert into recovery_codes (id, user_id, code_hash, created_at)
             values ($1, $2, $3, $4)"
        ))
        .bind(RecoveryCodeId::new())
        .bind(user)
        .bind(hash)
        .bind(now)
        .execute()
        .await?;
    }
    Ok(())
}

/// Takes a recovery code, unless it was taken before.
pub(super) async fn use_recovery_code(
    tx: &mut UnscopedTx,
    user: UserId,
    hash: &[u8],
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let used = tx
        .query(unscoped_sql!(
            "update recovery_codes set used_at = $1
             where user_id = $2 and code_hash = $3 and used_at is null and replaced_at is null
                and disputed_at is null"
        ))
        .bind(now)
        .bind(user)
        .bind(hash)
        .execute()
        .await?;
    Ok(used == 1)
}

pub(super) async fn recovery_codes_left(
    tx: &mut UnscopedTx,
    user: UserId,
) -> Result<i64, sqlx::Error> {
    let (count,) = tx
        .query(unscoped_sql!(
            "select count(*) from recovery_codes
             where user_id = $1 and used_at is null and replaced_at is null
                and disputed_at is null"
        ))
        .bind(user)
        .one()
        .await?;
    Ok(count)
}

/// Removes what is no longer needed: used challenges that have expired, apps that were never
/// confirmed, and what was removed too long ago to be disputed.
pub async fn remove_expired(app: &App) -> Result<()> {
    let now = app.clock.now();
    let before = now.plus(-RETENTION);
    let undisputed = now.plus(-DISPUTABLE);
    let mut tx = UnscopedTx::write(app).await?;
    for (statement, before) in [
        (unscoped_sql!("delete from spent_challenges where expires_at < $1"), now),
        (
            unscoped_sql!(
                "delete from totp_factors where confirmed_at is null and created_at < $1"
            ),
            before,
        ),
        (unscoped_sql!("delete from totp_factors where removed_at < $1"), undisputed),
        (unscoped_sql!("delete from passkeys where removed_at < $1"), undisputed),
        (unscoped_sql!("delete from recovery_codes where replaced_at < $1"), undisputed),
    ] {
        tx.query(statement).bind(before).execute().await?;
    }
    tx.commit_unrecorded().await?;
    Ok(())
}

/// A passkey as its owner sees it.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct PasskeyRow {
    pub id: PasskeyId,
    pub name: String,
    pub created_at: Timestamp,
    /// The browser and network that added it, where that is known.
    pub added_from: String,
    pub last_used_at: Option<Timestamp>,
    /// Whether its owner has said that they did not add it.
    pub is_disputed: bool,
}

pub(super) async fn passkeys(
    tx: &mut UnscopedTx,
    user: UserId,
) -> Result<Vec<PasskeyRow>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select id, name, created_at, added_from, last_used_at,
                disputed_at is not null as is_disputed
         from passkeys
         where user_id = $1 and removed_at is null order by created_at, id"
    ))
    .bind(user)
    .all()
    .await
}

/// The credentials of a person's passkeys, with how they are reached.
pub(super) async fn credentials(
    tx: &mut UnscopedTx,
    user: UserId,
) -> Result<Vec<(Vec<u8>, i64)>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select credential_id, transports from passkeys
         where user_id = $1 and removed_at is null and disputed_at is null"
    ))
    .bind(user)
    .all()
    .await
}

/// A passkey as its answers are checked.
#[derive(sqlx::FromRow)]
pub(super) struct PasskeyKey {
    pub id: PasskeyId,
    pub user_id: UserId,
    pub public_key: Vec<u8>,
    pub state: Vec<u8>,
}

pub(super) async fn passkey_by_credential(
    tx: &mut UnscopedTx,
    credential: &[u8],
) -> Result<Option<PasskeyKey>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select id, user_id, public_key, state from passkeys
         where credential_id = $1 and removed_at is null and disputed_at is null"
    ))
    .bind(credential)
    .optional()
    .await
}

/// Notes a use, unless another came between.
pub(super) async fn use_passkey(
    tx: &mut UnscopedTx,
    key: &PasskeyKey,
    state: &[u8],
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let used = tx
        .query(unscoped_sql!(
            "update passkeys set state = $1, last_used_at = $2 where id = $3 and state = $4"
        ))
        .bind(state)
        .bind(now)
        .bind(key.id)
        .bind(&key.state)
        .execute()
        .await?;
    Ok(used == 1)
}

/// Keeps a passkey, unless someone has it already.
pub(super) async fn add_passkey(
    tx: &mut UnscopedTx,
    user: UserId,
    added: &Added<'_>,
    made: &NewPasskey,
) -> Result<bool, sqlx::Error> {
    let now = tx.now();
    // The same one, which its owner has removed and adds again.
    tx.query(unscoped_sql!(
        "delete from passkeys
         where user_id = $1 and credential_id = $2 and removed_at is not null"
    ))
    .bind(user)
    .bind(&made.credential_id)
    .execute()
    .await?;
    let inserted = tx
        .query(unscoped_sql!(
            "insert into passkeys
                (id, user_id, name, credential_id, public_key, state, transports, created_at,
                 added_from)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (credential_id) do nothing"
        ))
        .bind(PasskeyId::new())
        .bind(user)
        .bind(added.name)
        .bind(&made.credential_id)
        .bind(&made.public_key)
        .bind(&made.state)
        .bind(made.transports)
        .bind(now)
        .bind(&added.from)
        .execute()
        .await?;
    Ok(inserted == 1)
}

pub(super) async fn passkey_name(
    tx: &mut UnscopedTx,
    user: UserId,
    id: PasskeyId,
) -> Result<Option<String>, sqlx::Error> {
    let name: Option<(String,)> = tx
        .query(unscoped_sql!(
            "select name from passkeys where id = $1 and user_id = $2 and removed_at is null"
        ))
        .bind(id)
        .bind(user)
        .optional()
        .await?;
    Ok(name.map(|(name,)| name))
}

pub(super) async fn rename_passkey(
    tx: &mut UnscopedTx,
    id: PasskeyId,
    name: &str,
) -> Result<(), sqlx::Error> {
    tx.query(unscoped_sql!("update passkeys set name = $1 where id = $2"))
        .bind(name)
        .bind(id)
        .execute()
        .await?;
    Ok(())
}

/// From here on the passkey opens nothing. Its row stays for as long as the removal can be disputed.
pub(super) async fn remove_passkey(tx: &mut UnscopedTx, id: PasskeyId) -> Result<(), sqlx::Error> {
    let now = tx.now();
    tx.query(unscoped_sql!("update passkeys set removed_at = $1 where id = $2"))
        .bind(now)
        .bind(id)
        .execute()
        .await?;
    Ok(())
}
