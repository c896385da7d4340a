//! Tests whether sealed values can be opened: one value of each column for each key.

use uuid::Uuid;

use super::Column;
use crate::platform::db::statement::{TenantSql, UnscopedSql, sql, unscoped_sql};
use crate::platform::db::{Db, ReadOrWrite, Scope};
use crate::platform::ids::OrganizationId;
use crate::platform::secrets::{KeyId, Keyring};

/// The largest number of organizations searched for a value.
const BATCH: i64 = 200;

/// A value that cannot be opened although its key is available: it, or the row it belongs to, was
/// changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The column.
    pub column: Column,
    /// The id of its row.
    pub id: Uuid,
    /// The key that sealed it.
    pub key: KeyId,
}

const SEED: UnscopedSql = unscoped_sql!(
    "select id, sealed_seed from totp_factors
     where substr(sealed_seed, 1, 4) = $1 and confirmed_at is not null
     order by id desc limit 1"
);

const MAIL: UnscopedSql = unscoped_sql!(
    "select id, sealed from outbox
     where substr(sealed, 1, 4) = $1 order by id desc limit 1"
);

const LINK: TenantSql = sql!(
    "select id, copy_sealed from invitation_links
     where organization_id = $1 and replaced_at is null and substr(copy_sealed, 1, 4) = $2
     order by id desc limit 1"
);

const JOIN_LINK: TenantSql = sql!(
    "select id, sealed_token from join_links
     where organization_id = $1 and ended_at is null and substr(sealed_token, 1, 4) = $2
     order by id desc limit 1"
);

/// Tries to open the newest value of each column for each key of `keyring`; returns those that
/// fail.
///
/// # Errors
/// Any error of the database.
pub async fn closed(db: &Db, keyring: &Keyring) -> Result<Vec<Closed>, sqlx::Error> {
    let mut found = Vec::new();
    for key in keyring.ids() {
        for (column, statement) in [(Column::Seed, SEED), (Column::Mail, MAIL)] {
            let mut tx = db.begin(ReadOrWrite::Read, &Scope::Queues).await?;
            let row: Option<(Uuid, Vec<u8>)> =
                tx.unscoped_query(statement).bind(key.as_bytes().to_vec()).optional().await?;
            found.extend(row.and_then(|row| tried(keyring, column, key, &row)));
        }
        for (column, statement) in [(Column::Link, LINK), (Column::JoinLink, JOIN_LINK)] {
            let row = inside(db, statement, key).await?;
            found.extend(row.and_then(|row| tried(keyring, column, key, &row)));
        }
    }
    Ok(found)
}

fn tried(
    keyring: &Keyring,
    column: Column,
    key: KeyId,
    (id, sealed): &(Uuid, Vec<u8>),
) -> Option<Closed> {
    let opened = keyring.open(&column.context(id), sealed);
    opened.is_err().then_some(Closed { column, id: *id, key })
}

/// A value sealed with `key` that `statement` finds in one of the newest organizations.
async fn inside(
    db: &Db,
    statement: TenantSql,
    key: KeyId,
) -> Result<Option<(Uuid, Vec<u8>)>, sqlx::Error> {
    let mut tx = db.begin(ReadOrWrite::Read, &Scope::Outside).await?;
    let organizations: Vec<(OrganizationId,)> = tx
        .unscoped_query(unscoped_sql!("select id from organizations order by id desc limit $1"))
        .bind(BATCH)
        .all()
        .await?;
    for (organization,) in organizations {
        tx.enter(organization).await?;
        let row = tx
            .tenant_query(statement)
            .bind(organization)
            .bind(key.as_bytes().to_vec())
            .optional()
            .await?;
        if row.is_some() {
            return Ok(row);
        }
    }
    Ok(None)
}
