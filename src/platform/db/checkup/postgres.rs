//! Checks of a PostgreSQL database.

use sqlx::PgPool;

use super::TOLERANCE;
use crate::platform::checkup::Check;
use crate::platform::clock::Timestamp;
use crate::platform::db::connect::Db;
use crate::platform::db::safety;

pub(super) async fn examine(
    db: &Db,
    pool: &PgPool,
    now: impl Fn() -> Timestamp,
) -> Result<Vec<Check>, sqlx::Error> {
    let mut checks = Vec::new();
    for layer in safety::layers(db).await? {
        checks.extend(Check::of(layer.about, layer.weaknesses, layer.fine));
    }
    checks.push(clock(pool, now).await?);
    checks.push(writable(pool).await?);
    Ok(checks)
}

/// Whether the database is writable: a standby is not, and a server can be set to read-only.
async fn writable(pool: &PgPool) -> Result<Check, sqlx::Error> {
    const ABOUT: &str = "writing";
    let mut tx = pool.begin().await?;
    let (is_standby, is_read_only): (bool, bool) = sqlx::query_as(
        "select pg_is_in_recovery(), current_setting('default_transaction_read_only')::bool",
    )
    .persistent(false)
    .fetch_one(&mut *tx)
    .await?;
    Ok(match (is_standby, is_read_only) {
        (true, _) => Check::fail(
            ABOUT,
            "The server is a standby, which accepts no writes.",
            "Make TENANTRY_DATABASE_URL name the primary, or promote this one: select \
             pg_promote();",
        ),
        (false, true) => Check::fail(
            ABOUT,
            "Transactions are read-only here (default_transaction_read_only).",
            "alter database … reset default_transaction_read_only; alter role … reset \
             default_transaction_read_only; alter system reset default_transaction_read_only; \
             select pg_reload_conf();",
        ),
        (false, false) => Check::ok(ABOUT, "The server accepts writes."),
    })
}

async fn clock(pool: &PgPool, now: impl Fn() -> Timestamp) -> Result<Check, sqlx::Error> {
    const ABOUT: &str = "clock";
    let mut tx = pool.begin().await?;
    let before = now();
    let theirs: Timestamp = sqlx::query_scalar("select clock_timestamp()")
        .persistent(false)
        .fetch_one(&mut *tx)
        .await?;
    let after = now();
    Ok(if theirs.plus(TOLERANCE) < before || theirs > after.plus(TOLERANCE) {
        Check::fail(
            ABOUT,
            format!("Here it is {}, at the database {}.", after.rfc3339(), theirs.rfc3339()),
            "Set both machines' clocks, and keep them synchronized (systemd-timesyncd, chrony).",
        )
    } else {
        Check::ok(ABOUT, "It agrees with the database's.")
    })
}
