//! What can be wrong with a PostgreSQL database, and with a pooler in front of it.

use sqlx::pool::PoolConnection;
use sqlx::{Executor, PgPool, Postgres};

use super::TOLERANCE;
use crate::platform::checkup::{Check, Verdict};
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
    checks.extend(pooler(pool).await?);
    checks.push(clock(pool, now).await?);
    checks.push(writable(pool).await?);
    Ok(checks)
}

/// What a pooler must leave alone, asked over two connections: where a second one holds a
/// transaction open, one in transaction mode gives the first another connection of the server.
async fn pooler(pool: &PgPool) -> Result<Vec<Check>, sqlx::Error> {
    const ABOUT: &str = "transactions";
    const POOLER: &str = "pooler";
    let (mut first, mut second) = (pool.acquire().await?, pool.acquire().await?);
    let kept = match setting_in_transaction(&mut first).await {
        Ok(Setting::Ends) => Check::ok(
            ABOUT,
            "What a transaction says about itself holds until it ends, and no longer.",
        ),
        Ok(Setting::Stays) => Check::fail(
            ABOUT,
            "What a transaction said about itself is still there in the next one.",
            "alter database … reset app.organization_id; alter role … reset app.organization_id;",
        ),
        Ok(Setting::Lost) | Err(sqlx::Error::Database(_)) => Check::fail(
            ABOUT,
            "Statements of one transaction go to different connections of the server.",
            "Set pool_mode = transaction (or session) in the pooler; statement mode cannot work.",
        ),
        Err(other) => return Err(other),
    };
    if kept.verdict != Verdict::Ok {
        return Ok(vec![kept]);
    }
    let moves = match prepared(&mut first, &mut second).await {
        Ok(moves) => moves,
        Err(sqlx::Error::Database(error)) => {
            let lost = Check::fail(
                POOLER,
                format!("It loses prepared statements between transactions: {}.", error.message()),
                "Set max_prepared_statements = 200 in PgBouncer (1.21 or newer), or pool_mode = session.",
            );
            return Ok(vec![kept, lost]);
        }
        Err(other) => return Err(other),
    };
    let found = if moves {
        "One in transaction mode, which keeps prepared statements."
    } else {
        "None, or one that keeps a connection for each of ours."
    };
    Ok(vec![kept, Check::ok(POOLER, found), session_settings(&mut first).await?])
}

/// What became of a setting of one transaction.
enum Setting {
    Ends,
    Stays,
    Lost,
}

async fn setting_in_transaction(
    connection: &mut PoolConnection<Postgres>,
) -> Result<Setting, sqlx::Error> {
    const SAMPLE: &str = "00000000-0000-0000-0000-00000000d0c5";
    // Not prepared: that is the next question.
    async fn read(
        connection: &mut PoolConnection<Postgres>,
    ) -> Result<Option<String>, sqlx::Error> {
        let read = "select current_setting('app.organization_id', true)";
        sqlx::query_scalar(read).persistent(false).fetch_one(&mut **connection).await
    }
    connection.execute(sqlx::raw_sql("begin")).await?;
    let set = format!("set local app.organization_id = '{SAMPLE}'");
    connection.execute(sqlx::raw_sql(&set)).await?;
    let inside = read(connection).await?;
    connection.execute(sqlx::raw_sql("commit")).await?;
    let after = read(connection).await?;
    Ok(match (inside.as_deref(), after.as_deref()) {
        (Some(SAMPLE), None | Some("")) => Setting::Ends,
        (Some(SAMPLE), Some(_)) => Setting::Stays,
        _ => Setting::Lost,
    })
}

/// Runs one prepared statement in two transactions between which the server's connection changes,
/// if anything lets it; gives whether it did.
async fn prepared(
    first: &mut PoolConnection<Postgres>,
    second: &mut PoolConnection<Postgres>,
) -> Result<bool, sqlx::Error> {
    async fn process(connection: &mut PoolConnection<Postgres>) -> Result<i32, sqlx::Error> {
        sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut **connection).await
    }
    first.execute(sqlx::raw_sql("begin")).await?;
    let before = process(first).await?;
    first.execute(sqlx::raw_sql("commit")).await?;
    second.execute(sqlx::raw_sql("begin")).await?;
    let held = process(second).await;
    first.execute(sqlx::raw_sql("begin")).await?;
    let after = process(first).await;
    // A transaction that has failed ends with a rollback, too.
    first.execute(sqlx::raw_sql("rollback")).await?;
    second.execute(sqlx::raw_sql("rollback")).await?;
    held?;
    Ok(before != after?)
}

async fn session_settings(connection: &mut PoolConnection<Postgres>) -> Result<Check, sqlx::Error> {
    const ABOUT: &str = "session settings";
    let (name, limit, lock): (String, String, String) = sqlx::query_as(
        "select current_setting('application_name'), current_setting('statement_timeout'),
            current_setting('lock_timeout')",
    )
    .persistent(false)
    .fetch_one(&mut **connection)
    .await?;
    Ok(if (name.as_str(), limit.as_str(), lock.as_str()) == ("tenantry", "15s", "4s") {
        Check::ok(ABOUT, "The server has the service's name and its time limits.")
    } else {
        Check::warn(
            ABOUT,
            format!(
                "The server was told application_name = {name}, statement_timeout = {limit} and \
                 lock_timeout = {lock}."
            ),
            "alter role … set statement_timeout = '15s'; alter role … set lock_timeout = '4s'; \
             alter role … set idle_in_transaction_session_timeout = '60s';",
        )
    })
}

/// Whether anything can be saved: a standby takes no writes, and a server can be told to take none.
async fn writable(pool: &PgPool) -> Result<Check, sqlx::Error> {
    const ABOUT: &str = "writing";
    let (is_standby, is_read_only): (bool, bool) = sqlx::query_as(
        "select pg_is_in_recovery(), current_setting('default_transaction_read_only')::bool",
    )
    .persistent(false)
    .fetch_one(pool)
    .await?;
    Ok(match (is_standby, is_read_only) {
        (true, _) => Check::fail(
            ABOUT,
            "The server is a standby, which takes no writes.",
            "Let TENANTRY_DATABASE_URL name the primary, or promote this one: select pg_promote();",
        ),
        (false, true) => Check::fail(
            ABOUT,
            "Transactions are read-only here (default_transaction_read_only).",
            "alter database … reset default_transaction_read_only; alter role … reset \
             default_transaction_read_only; alter system reset default_transaction_read_only; \
             select pg_reload_conf();",
        ),
        (false, false) => Check::ok(ABOUT, "The server takes writes."),
    })
}

async fn clock(pool: &PgPool, now: impl Fn() -> Timestamp) -> Result<Check, sqlx::Error> {
    const ABOUT: &str = "clock";
    let before = now();
    let theirs: Timestamp = sqlx::query_scalar("select clock_timestamp()").fetch_one(pool).await?;
    let after = now();
    Ok(if theirs.plus(TOLERANCE) < before || theirs > after.plus(TOLERANCE) {
        Check::fail(
            ABOUT,
            format!("Here it is {}, at the database {}.", after.rfc3339(), theirs.rfc3339()),
            "Set both machines' clocks, and let them be kept (systemd-timesyncd, chrony).",
        )
    } else {
        Check::ok(ABOUT, "It agrees with the database's.")
    })
}
