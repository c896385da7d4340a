//! Identifies the pooler in front of PostgreSQL, and checks that it preserves what we need.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, PgPool, Row};
use tokio::time::timeout;

use crate::platform::checkup::{Check, Verdict};
use crate::platform::db::connect::Db;
use crate::platform::db::pooler;

const POOLER: &str = "pooler";

/// How long the pooler's own database may take to respond.
const MOMENT: Duration = Duration::from_secs(3);

/// Checks transactions, identifies the pooler, and checks whether the service's settings arrive.
pub(super) async fn examine(db: &Db, pool: &PgPool) -> Result<Vec<Check>, sqlx::Error> {
    let mut first = pool.acquire().await?;
    let transactions = transactions(&mut first).await?;
    if transactions.verdict != Verdict::Ok {
        return Ok(vec![transactions]);
    }
    let found = if db.is_direct() {
        let mut second = pool.acquire().await?;
        kept(&mut first, &mut second).await?
    } else {
        drop(first);
        in_transaction_mode(pool).await
    };
    if found.verdict == Verdict::Fail {
        return Ok(vec![transactions, found]);
    }
    Ok(vec![transactions, found, settings(db, pool).await?])
}

/// Whether the settings of a transaction hold inside it, and end with it.
async fn transactions(connection: &mut PgConnection) -> Result<Check, sqlx::Error> {
    const ABOUT: &str = "transactions";
    Ok(match setting_in_transaction(connection).await {
        Ok(Setting::Ends) => {
            Check::ok(ABOUT, "What a transaction sets lasts until it ends, and no longer.")
        }
        Ok(Setting::Stays) => Check::fail(
            ABOUT,
            "What a transaction set is still there in the next one.",
            "alter database … reset app.organization_id; alter role … reset app.organization_id;",
        ),
        Ok(Setting::Lost) | Err(sqlx::Error::Database(_)) => Check::fail(
            ABOUT,
            "Statements of one transaction go to different connections of the server.",
            "Set pool_mode = transaction (or session) in the pooler; statement mode cannot work.",
        ),
        Err(other) => return Err(other),
    })
}

/// What happened to a setting of a transaction.
enum Setting {
    Ends,
    Stays,
    Lost,
}

async fn setting_in_transaction(connection: &mut PgConnection) -> Result<Setting, sqlx::Error> {
    const SAMPLE: &str = "00000000-0000-0000-0000-00000000d0c5";
    // Not prepared: prepared statements are checked next.
    async fn read(connection: &mut PgConnection) -> Result<String, sqlx::Error> {
        let read = "select coalesce(current_setting('app.organization_id', true), '')";
        connection.fetch_one(sqlx::raw_sql(read)).await?.try_get(0)
    }
    connection.execute(sqlx::raw_sql("begin")).await?;
    let set = format!("set local app.organization_id = '{SAMPLE}'");
    connection.execute(sqlx::raw_sql(AssertSqlSafe(set))).await?;
    let inside = read(connection).await?;
    connection.execute(sqlx::raw_sql("commit")).await?;
    let after = read(connection).await?;
    Ok(match (inside.as_str(), after.as_str()) {
        (SAMPLE, "") => Setting::Ends,
        (SAMPLE, _) => Setting::Stays,
        _ => Setting::Lost,
    })
}

/// Whether a connection keeps what the service sends it once, as was detected or declared by
/// `TENANTRY_DATABASE_POOLER=none`.
async fn kept(first: &mut PgConnection, second: &mut PgConnection) -> Result<Check, sqlx::Error> {
    if !pooler::moves(first, second).await? {
        return Ok(Check::ok(POOLER, "None, or one that keeps a connection for each of ours."));
    }
    Ok(match prepared(first, second).await {
        Ok(()) => Check::ok(POOLER, "One in transaction mode, which keeps prepared statements."),
        Err(sqlx::Error::Database(error)) => Check::fail(
            POOLER,
            format!("It loses prepared statements between transactions: {}.", error.message()),
            "Leave TENANTRY_DATABASE_POOLER out, or set it to transaction: statements are then not \
             kept. Or have the pooler keep them: max_prepared_statements = 200 in PgBouncer 1.21 \
             or newer; or pool_mode = session.",
        ),
        Err(other) => return Err(other),
    })
}

/// Runs one prepared statement in two transactions, between which the server's connection changes.
async fn prepared(first: &mut PgConnection, second: &mut PgConnection) -> Result<(), sqlx::Error> {
    async fn process(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
        sqlx::query_scalar("select pg_backend_pid()").fetch_one(connection).await
    }
    first.execute(sqlx::raw_sql("begin")).await?;
    let before = process(first).await;
    first.execute(sqlx::raw_sql("rollback")).await?;
    second.execute(sqlx::raw_sql("begin")).await?;
    let held = process(second).await;
    first.execute(sqlx::raw_sql("begin")).await?;
    let after = process(first).await;
    // A failed transaction also ends with a rollback.
    first.execute(sqlx::raw_sql("rollback")).await?;
    second.execute(sqlx::raw_sql("rollback")).await?;
    before.and(held).and(after).map(|_| ())
}

async fn in_transaction_mode(pool: &PgPool) -> Check {
    const FINE: &str = "Statements are sent without names and settings with each transaction";
    match timeout(MOMENT, Bouncer::ask(&pool.connect_options())).await {
        Ok(Ok(bouncer)) => Check::ok(POOLER, format!("{bouncer}. {FINE}.")),
        _ => Check::ok(
            POOLER,
            format!(
                "One in transaction mode, or one that drops settings; it does not tell this role \
                 its name and version (PgBouncer does if the role is in stats_users). {FINE}."
            ),
        ),
    }
}

/// What PgBouncer says about itself to those who may ask.
struct Bouncer {
    version: String,
    mode: String,
}

impl Bouncer {
    async fn ask(options: &PgConnectOptions) -> Result<Self, sqlx::Error> {
        async fn column(
            connection: &mut PgConnection,
            show: &'static str,
            name: &str,
            column: &str,
        ) -> Result<Option<String>, sqlx::Error> {
            let rows = connection.fetch_all(sqlx::raw_sql(show)).await?;
            let of_it = rows.iter().find(|row| row.try_get(0).ok() == Some(name));
            of_it.map_or(Ok(None), |row| row.try_get(column))
        }
        let database = options.get_database().unwrap_or_default();
        // Its own database, which no server has.
        let mut connection = options.clone().database("pgbouncer").connect().await?;
        let version = connection.fetch_one(sqlx::raw_sql("show version")).await?.try_get(0)?;
        let own = column(&mut connection, "show databases", database, "pool_mode").await?;
        let mode = match own {
            Some(mode) => mode,
            None => column(&mut connection, "show config", "pool_mode", "value")
                .await?
                .unwrap_or_else(|| "unknown".to_owned()),
        };
        connection.close().await?;
        Ok(Self { version, mode })
    }
}

impl std::fmt::Display for Bouncer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} in {} mode", self.version, self.mode)
    }
}

/// Whether the server has the service's name and time limits inside one of its transactions.
async fn settings(db: &Db, pool: &PgPool) -> Result<Check, sqlx::Error> {
    const ABOUT: &str = "session settings";
    let mut tx = pool.begin_with(AssertSqlSafe(format!("begin{}", db.route.settings()))).await?;
    let (name, limit, lock): (String, String, String) = sqlx::query_as(
        "select current_setting('application_name'), current_setting('statement_timeout'),
            current_setting('lock_timeout')",
    )
    .persistent(false)
    .fetch_one(&mut *tx)
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
            "Leave TENANTRY_DATABASE_POOLER out, or set it to transaction: settings go with each \
             transaction then.",
        )
    })
}
