//! The pools: how each engine is opened, and why so.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};

/// How long a request waits for a connection before the answer is 503.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// Connections to PostgreSQL, or readers beside SQLite's single writer, unless it is said how many.
pub const CONNECTIONS: u32 = 16;

/// The database engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded, one file.
    Sqlite,
    /// A server, reached by URL.
    Postgres,
}

/// What a transaction is begun for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::platform) enum ReadOrWrite {
    Read,
    Write,
}

/// An open database.
#[derive(Clone, Debug)]
pub struct Db {
    pub(super) pools: Pools,
    statements: Arc<AtomicU64>,
}

#[derive(Clone, Debug)]
pub(super) enum Pools {
    /// SQLite has one writer at a time: a pool of one makes writers queue in the process instead
    /// of failing with "database is locked".
    Sqlite {
        read: SqlitePool,
        write: SqlitePool,
    },
    Postgres(PgPool),
}

impl Db {
    /// Opens the database at `url` (`sqlite:…` or `postgres://…`); SQLite's file is created.
    pub async fn connect(url: &str) -> Result<Self, sqlx::Error> {
        Self::connect_with(url, CONNECTIONS).await
    }

    /// The same with at most `connections` at a time: to PostgreSQL, or of readers to SQLite.
    pub async fn connect_with(url: &str, connections: u32) -> Result<Self, sqlx::Error> {
        let pools = if url.starts_with("sqlite:") {
            open_sqlite(url, connections).await?
        } else {
            Pools::Postgres(open_postgres(url, connections).await?)
        };
        Ok(Self { pools, statements: Arc::default() })
    }

    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        match self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// Statements sent so far, besides `begin` and `commit`: what the tests count.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    pub(in crate::platform) fn count_statement(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn counter(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.statements)
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    /// The pool that the session store writes through, on SQLite.
    pub(in crate::platform) fn sqlite_writer(&self) -> Option<&SqlitePool> {
        match &self.pools {
            Pools::Sqlite { write, .. } => Some(write),
            Pools::Postgres(_) => None,
        }
    }

    /// The pool, on PostgreSQL.
    pub(in crate::platform) fn postgres(&self) -> Option<&PgPool> {
        match &self.pools {
            Pools::Sqlite { .. } => None,
            Pools::Postgres(pool) => Some(pool),
        }
    }
}

async fn open_sqlite(url: &str, readers: u32) -> Result<Pools, sqlx::Error> {
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What was acknowledged must survive a power cut, not only a crash of the process.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(ACQUIRE_TIMEOUT);
    // The first to open a new file turns it to write-ahead logging, which fails for all others who
    // try at the same moment, however long they are ready to wait.
    let _held = lock_beside(options.get_filename()).await?;
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options.clone().optimize_on_close(true, None))
        .await?;
    let read = SqlitePoolOptions::new()
        .max_connections(readers)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .connect_with(options.create_if_missing(false).pragma("query_only", "on"))
        .await?;
    Ok(Pools::Sqlite { read, write })
}

/// Waits until no other process opens or migrates the SQLite database at `path`, and keeps them
/// waiting until the file this gives is closed.
pub(super) async fn lock_beside(path: &Path) -> std::io::Result<File> {
    let mut path = path.as_os_str().to_owned();
    path.push(".lock");
    let path = PathBuf::from(path);
    tokio::task::spawn_blocking(move || {
        let file = File::options().create(true).append(true).open(path)?;
        file.lock()?;
        Ok(file)
    })
    .await?
}

async fn open_postgres(url: &str, connections: u32) -> Result<PgPool, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?.application_name("tenantry").options([
        ("idle_in_transaction_session_timeout", "60s"),
        ("statement_timeout", "30s"),
        // What PostgreSQL assumes of spinning disks makes it read whole tables where an index
        // leads to one organization's rows.
        ("random_page_cost", "1.1"),
        // Every statement is led by the organization, whichever it is: one plan serves all, and
        // planning each call anew, policies included, costs more than running it.
        ("plan_cache_mode", "force_generic_plan"),
    ]);
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // A dead connection shows itself at the next statement; asking first costs a round trip
        // on every request.
        .test_before_acquire(false)
        .connect_with(options)
        .await
}
