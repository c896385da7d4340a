//! Detects what is between the service and PostgreSQL's server, and adapts to it.
//!
//! A pooler in transaction mode gives each transaction any free connection of the server. The state
//! of a connection (settings, prepared statements) then belongs to another one. So settings are
//! sent with every `begin` instead, and statements are unnamed and only sent inside transactions.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, PgPool, Row};
use tokio::time::timeout;

use super::connect::{Patience, Trust};
use super::planning::PLANNING;

/// How long a direct connection may take to respond while another holds a transaction open.
const MOMENT: Duration = Duration::from_secs(2);

/// What the operator has declared to be in front of PostgreSQL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Pooler {
    /// Find out when the database is opened.
    #[default]
    Detect,
    /// There is none, or one that keeps settings and prepared statements for each of its clients.
    None,
    /// There is one that keeps neither, like PgBouncer in transaction mode.
    Transaction,
}

/// How statements reach the server.
#[derive(Clone, Debug)]
pub(super) enum Route {
    /// Each connection of ours is one of the server's, and keeps its state until it is closed.
    Direct,
    /// Each transaction uses another connection of the server, and sends it these settings.
    Transactions(Arc<str>),
}

impl Route {
    /// The text after every `begin`.
    pub fn settings(&self) -> &str {
        match self {
            Self::Direct => "",
            Self::Transactions(settings) => settings,
        }
    }

    /// Whether a prepared statement is still there in the next transaction.
    pub fn keeps_statements(&self) -> bool {
        matches!(self, Self::Direct)
    }
}

/// Opens PostgreSQL, and detects how it is reached if `pooler` leaves that open.
///
/// # Errors
/// When it cannot be reached.
pub(super) async fn open(
    url: &str,
    connections: u32,
    patience: Patience,
    trust: Trust,
    pooler: Pooler,
) -> Result<(PgPool, Route), sqlx::Error> {
    let settings = settings(patience);
    let plain = PgConnectOptions::from_str(url)?
        .application_name("tenantry")
        // Floats are sent as they are stored, so this setting, which poolers may refuse, is not
        // needed.
        .extra_float_digits(None)
        // Slow statements are logged by our own code, with the operator's limit.
        .disable_statement_logging();
    let told = plain.clone().options(settings.iter().map(|(name, value)| (*name, value)));
    let is_pooled = match pooler {
        Pooler::None => false,
        Pooler::Transaction => true,
        Pooler::Detect => is_between(&plain, &told, patience).await?,
    };
    let (options, route) = if is_pooled {
        let settings =
            settings.iter().map(|(name, value)| format!("; set local {name} = '{value}'"));
        (plain, Route::Transactions(settings.collect::<String>().into()))
    } else {
        (told, Route::Direct)
    };
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(patience.connection)
        // A dead connection shows at the next statement; testing it first would cost a round trip
        // on every request.
        .test_before_acquire(false)
        .before_acquire(move |_, connection| {
            let is_trusted = trust.includes(connection.age);
            Box::pin(async move { Ok(is_trusted) })
        })
        .connect_with(options)
        .await?;
    Ok((pool, route))
}

/// The settings for the service's connections.
fn settings(patience: Patience) -> Vec<(&'static str, String)> {
    let milliseconds = |limit: Duration| format!("{}ms", limit.as_millis());
    // The server cancels a statement first, so that the connection stays usable.
    let statement = patience.statement.mul_f64(0.75);
    let mut settings = vec![
        ("idle_in_transaction_session_timeout", "60s".to_owned()),
        ("statement_timeout", milliseconds(statement)),
        ("lock_timeout", milliseconds(patience.lock)),
    ];
    settings.extend(PLANNING.iter().map(|(name, value)| (*name, (*value).to_owned())));
    settings
}

/// Whether a pooler is in between that gives each transaction another connection of the server, or
/// does not pass settings on.
async fn is_between(
    plain: &PgConnectOptions,
    told: &PgConnectOptions,
    patience: Patience,
) -> Result<bool, sqlx::Error> {
    const MARK: &str = "direct";
    let told = told.clone().options([("app.connection", MARK)]);
    let mut first = match told.connect().await {
        // Poolers refuse settings that they do not know.
        Err(sqlx::Error::Database(error)) if error.message().contains("startup parameter") => {
            return Ok(true);
        }
        first => first?,
    };
    let mark = "select coalesce(current_setting('app.connection', true), '')";
    let mark: String = first.fetch_one(sqlx::raw_sql(mark)).await?.try_get(0)?;
    let is_between = mark != MARK || {
        let mut second = timeout(patience.connection, plain.connect())
            .await
            .unwrap_or(Err(sqlx::Error::PoolTimedOut))?;
        let moves = moves(&mut first, &mut second).await?;
        second.close().await?;
        moves
    };
    first.close().await?;
    Ok(is_between)
}

/// Whether the two connections share the server's: while one holds a transaction open, the other
/// gets another connection than before, the same one, or none.
///
/// # Errors
/// When the server does not respond.
pub(super) async fn moves(
    first: &mut PgConnection,
    second: &mut PgConnection,
) -> Result<bool, sqlx::Error> {
    async fn process(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
        // Not prepared: a pooler may lose prepared statements.
        let process = sqlx::raw_sql("select pg_backend_pid()");
        connection.fetch_one(process).await?.try_get(0)
    }
    let before = process(first).await?;
    second.execute(sqlx::raw_sql("begin")).await?;
    let held = process(second).await;
    let meanwhile = timeout(MOMENT, process(first)).await;
    second.execute(sqlx::raw_sql("rollback")).await?;
    Ok(match meanwhile {
        Ok(meanwhile) => held? == before || meanwhile? != before,
        Err(_) => true,
    })
}
