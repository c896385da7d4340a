//! The doctor's checks of the database: whether it is up to date, keeps organizations apart, and
//! has the right time.

mod pooler;
mod postgres;
mod role;
mod sqlite;

pub use role::connected_role;

use super::connect::{Db, Pools};
use super::migrate::{Schema, schema};
use crate::platform::checkup::{Check, Verdict};
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::db::{ReadOrWrite, Scope};
use crate::platform::sealed::{self, Closed, MissingKey, missing_keys};
use crate::platform::secrets::Keyring;

/// How far two clocks may differ.
const TOLERANCE: time::Duration = time::Duration::seconds(60);

/// How long the service may be silent before a restored backup is suspected: a running service
/// records a sign of life every minute.
const QUIET: time::Duration = time::Duration::hours(1);

/// Checks everything in an open database. `keyring` is the service's, and `now` this machine's
/// time.
///
/// # Errors
/// When the database stops responding.
pub async fn examine(
    db: &Db,
    keyring: Option<&Keyring>,
    now: impl Fn() -> Timestamp,
) -> Result<Vec<Check>, sqlx::Error> {
    // If the pooler does not work correctly, all other results would be meaningless.
    let mut checks = match &db.pools {
        Pools::Sqlite { .. } => Vec::new(),
        Pools::Postgres(pool) => pooler::examine(db, pool).await?,
    };
    if checks.iter().any(|check| check.verdict == Verdict::Fail) {
        return Ok(checks);
    }
    let migrations = migrations(db).await?;
    let is_current = migrations.verdict == Verdict::Ok;
    checks.push(migrations);
    if !is_current {
        // An older schema lacks things without being wrong.
        return Ok(checks);
    }
    match &db.pools {
        Pools::Sqlite { read, write } => checks.extend(sqlite::examine(read, write).await?),
        Pools::Postgres(pool) => checks.extend(postgres::examine(db, pool, &now).await?),
    }
    checks.extend(sealed_values(db, keyring, now()).await?);
    checks.push(newest(db, now()).await?);
    checks.push(chains(db).await?);
    Ok(checks)
}

async fn migrations(db: &Db) -> Result<Check, sqlx::Error> {
    const ABOUT: &str = "migrations";
    let migrate = match &db.pools {
        Pools::Sqlite { .. } => "tenantry migrate",
        Pools::Postgres(_) => "Run `tenantry migrate` with the URL of the database's owner.",
    };
    let schema = schema(db).await?;
    let mut words = schema.to_string();
    words[..1].make_ascii_uppercase();
    Ok(match schema {
        Schema::Current => Check::ok(ABOUT, format!("{words}.")),
        _ => Check::fail(ABOUT, format!("{words}."), schema.mend(migrate)),
    })
}

/// Rows from the future mean that this clock, or the one that they were written by, is wrong.
async fn newest(db: &Db, now: Timestamp) -> Result<Check, sqlx::Error> {
    const ABOUT: &str = "newest row";
    // What the service's role can see on either engine.
    const OUTSIDE: &str = "select max(at) from (
        select max(created_at) as at from users union all select max(last_seen_at) from sign_ins
        union all select newest_at from clock) t";
    const INSIDE: &str = "select max(at) from (
        select max(at) as at from audit_log union all select max(created_at) from outbox
        union all select max(last_seen_at) from sign_ins
        union all select newest_at from clock) t";
    let newest: Option<Timestamp> = match &db.pools {
        Pools::Sqlite { read, .. } => sqlx::query_scalar(INSIDE).fetch_one(read).await?,
        Pools::Postgres(pool) => {
            let mut tx = pool.begin().await?;
            sqlx::query_scalar(OUTSIDE).persistent(false).fetch_one(&mut *tx).await?
        }
    };
    Ok(match newest {
        Some(at) if at > now.plus(TOLERANCE) => Check::warn(
            ABOUT,
            format!(
                "It was written at {}, which is in the future: until this machine's clock gets \
                 there, that counts as now.",
                at.rfc3339()
            ),
            "Set this machine's clock, and keep it synchronized (systemd-timesyncd, chrony). If \
             that time is the wrong one: tenantry restored",
        ),
        Some(at) if at < now.plus(-QUIET) => Check::warn(
            ABOUT,
            format!("It was written at {}, {}.", at.rfc3339(), at.relative_to(&now)),
            "If a backup has been restored since, end what was used after it was made: tenantry \
             restored",
        ),
        _ => Check::ok(ABOUT, "It was not written in the future."),
    })
}

/// Whether the available keys open what is sealed.
async fn sealed_values(
    db: &Db,
    keyring: Option<&Keyring>,
    now: Timestamp,
) -> Result<Vec<Check>, sqlx::Error> {
    const ABOUT: &str = "sealed values";
    let missing = missing_keys(db, keyring, now).await?;
    let closed = match keyring {
        Some(keyring) => sealed::closed(db, keyring).await?,
        None => Vec::new(),
    };
    if missing.is_empty() && closed.is_empty() {
        return Ok(vec![Check::ok(
            ABOUT,
            "Every key is there, and the newest value of each kind opens with it.",
        )]);
    }
    let changed = closed.iter().map(|Closed { column, id, key }| {
        Check::fail(
            ABOUT,
            format!("The key {key} is there, but {column} of {id} does not open with it."),
            "It was changed in the database: restore it from a backup. Remove a lost app and add \
             it again; send a lost email or invitation again.",
        )
    });
    let check = |key: &MissingKey| {
        let what = format!("The key {} is missing, which seals {}.", key.id, key.sealed);
        match key.is_given_up {
            true => Check::warn(
                ABOUT,
                format!("{what} It was given up."),
                "Those people need to remove their app, using another factor, and add it again.",
            ),
            false => Check::fail(
                ABOUT,
                what,
                format!(
                    "Put back the copy of TENANTRY_SECRET_KEY_FILE that holds it. If it is \
                     permanently lost: TENANTRY_LOST_KEYS={} tenantry serve",
                    key.id
                ),
            ),
        }
    };
    Ok(missing.iter().map(check).chain(changed).collect())
}

async fn chains(db: &Db) -> Result<Check, sqlx::Error> {
    let mut tx = db.begin(ReadOrWrite::Read, &Scope::Outside).await?;
    let (count,): (i64,) =
        tx.unscoped_query(unscoped_sql!("select count(*) from organizations")).one().await?;
    drop(tx);
    Ok(Check::ok(
        "audit log",
        match count {
            1 => "1 organization, with a chain; `tenantry audit verify` proves it.".to_owned(),
            count => format!(
                "{count} organizations, each with a chain; `tenantry audit verify` proves them."
            ),
        },
    ))
}
