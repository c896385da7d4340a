//! The keys that have sealed something in this database, as recorded there.

use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::db::{Db, ReadOrWrite, Scope, Tx};
use crate::platform::secrets::{KeyId, Keyring};

use super::MissingKey;

/// A key that has sealed something in this database.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct KnownKey {
    /// Its id.
    pub id: KeyId,
    /// When it was first used.
    pub used_since: Timestamp,
    /// When the operator declared it permanently lost.
    pub lost_at: Option<Timestamp>,
}

/// The keys that have sealed something in this database, ordered by id.
///
/// # Errors
/// Any error of the database.
pub async fn used(db: &Db) -> Result<Vec<KnownKey>, sqlx::Error> {
    let mut tx = db.begin(ReadOrWrite::Read, &Scope::Outside).await?;
    known(&mut tx).await
}

pub(super) async fn known(tx: &mut Tx) -> Result<Vec<KnownKey>, sqlx::Error> {
    tx.unscoped_query(unscoped_sql!("select id, used_since, lost_at from secret_keys order by id"))
        .all()
        .await
}

/// Records that the first key of `keyring` seals values from now on.
///
/// # Errors
/// Any error of the database.
pub async fn note_first(db: &Db, keyring: &Keyring, now: Timestamp) -> Result<(), sqlx::Error> {
    let mut tx = db.begin(ReadOrWrite::Write, &Scope::Outside).await?;
    let first = keyring.first();
    if !known(&mut tx).await?.iter().any(|key| key.id == first) {
        note(&mut tx, first, now, None).await?;
    }
    tx.commit().await
}

async fn note(
    tx: &mut Tx,
    id: KeyId,
    now: Timestamp,
    lost_at: Option<Timestamp>,
) -> Result<u64, sqlx::Error> {
    tx.unscoped_query(unscoped_sql!(
        "insert into secret_keys (id, used_since, lost_at) values ($1, $2, $3)
         on conflict (id) do update set lost_at = excluded.lost_at"
    ))
    .bind(id.as_bytes().to_vec())
    .bind(now)
    .bind(lost_at)
    .execute()
    .await
}

/// Records that this process seals with the first key of `keyring`, and that the keys `given_up`
/// are permanently lost. Records of keys that nothing needs any more are removed.
///
/// # Errors
/// Any error of the database.
pub async fn use_keyring(
    db: &Db,
    keyring: &Keyring,
    given_up: &[MissingKey],
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let mut tx = db.begin(ReadOrWrite::Write, &Scope::Outside).await?;
    let known = known(&mut tx).await?;
    for key in &known {
        let is_needed = given_up.iter().any(|missing| missing.id == key.id);
        if !keyring.has(key.id) && !is_needed {
            tx.unscoped_query(unscoped_sql!("delete from secret_keys where id = $1"))
                .bind(key.id.as_bytes().to_vec())
                .execute()
                .await?;
        }
    }
    let at_hand = std::iter::once((keyring.first(), None));
    let lost = given_up.iter().map(|missing| (missing.id, Some(now)));
    // A lost key that was found again is no longer lost.
    let found = known.iter().filter(|key| keyring.has(key.id)).map(|key| (key.id, None));
    for (id, lost_at) in at_hand.chain(lost).chain(found) {
        if known.iter().any(|key| key.id == id && key.lost_at.is_some() == lost_at.is_some()) {
            continue;
        }
        note(&mut tx, id, now, lost_at).await?;
    }
    tx.commit().await
}
