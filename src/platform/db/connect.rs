//! An open database on either engine, with its time limits.

use std::path::Path;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{PgPool, Postgres, SqlitePool, Transaction};

use super::pooler::{self, Pooler, Route};
use super::sqlite::open_sqlite;

/// How long the database may take before the answer is 503. Tests use shorter times.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// To get a connection, free or new, and to begin a transaction on it.
    pub connection: Duration,
    /// To wait for a lock that somebody else holds.
    pub lock: Duration,
    /// To run a statement. PostgreSQL cancels it a little earlier; if it does not, the connection
    /// is closed.
    pub statement: Duration,
}

impl Patience {
    /// The default limits.
    pub const USUAL: Self = Self {
        connection: Duration::from_secs(5),
        lock: Duration::from_secs(4),
        statement: Duration::from_secs(20),
    };
}

/// The default number of connections to PostgreSQL, or of SQLite's readers besides its single
/// writer.
pub const CONNECTIONS: u32 = 16;

/// The database engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded, one file.
    Sqlite,
    /// A server, reached by a URL.
    Postgres,
}

/// Whether a transaction only reads or also writes.
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
    pub(super) patience: Patience,
    pub(super) trust: Trust,
    pub(super) route: Route,
}

/// Since when connections are trusted: older ones are closed instead of reused.
#[derive(Clone, Debug, Default)]
pub(super) struct Trust(Arc<Mutex<Option<Instant>>>);

impl Trust {
    fn reset(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Has all connections closed instead of reused, unless that was done within the last second:
    /// while the database is read-only, every connection that is tried reports it.
    pub fn reset_soon(&self) {
        let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if since.is_none_or(|since| since.elapsed() > Duration::from_secs(1)) {
            *since = Some(Instant::now());
        }
    }

    pub(super) fn includes(&self, age: Duration) -> bool {
        let since = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_none_or(|since| age < since.elapsed())
    }
}

#[derive(Clone, Debug)]
pub(super) enum Pools {
    /// SQLite has one writer at a time: with a pool of one, writers queue in the process instead of
    /// failing with "database is locked".
    Sqlite {
        read: SqlitePool,
        write: SqlitePool,
    },
    Postgres(PgPool),
}

impl Db {
    /// Opens the database at `url` (`sqlite:…` or `postgres://…`), and creates SQLite's file.
    pub async fn connect(url: &str) -> Result<Self, sqlx::Error> {
        Self::connect_with(url, CONNECTIONS).await
    }

    /// Opens the database with at most `connections` connections to PostgreSQL, or readers of
    /// SQLite.
    pub async fn connect_with(url: &str, connections: u32) -> Result<Self, sqlx::Error> {
        Self::connect_patiently(url, connections, Patience::USUAL).await
    }

    /// Opens the database with the time limits of `patience`.
    pub async fn connect_patiently(
        url: &str,
        connections: u32,
        patience: Patience,
    ) -> Result<Self, sqlx::Error> {
        Self::connect_through(url, connections, patience, Pooler::Detect).await
    }

    /// Opens the database at `url` with at most `connections` connections; `pooler` says what is in
    /// front of PostgreSQL.
    ///
    /// # Errors
    /// When it cannot be opened, or not within `patience`.
    pub async fn connect_through(
        url: &str,
        connections: u32,
        patience: Patience,
        pooler: Pooler,
    ) -> Result<Self, sqlx::Error> {
        let trust = Trust::default();
        let (pools, route) = if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url)?;
            (open_sqlite(options, connections, patience).await?, Route::Direct)
        } else {
            let opened = pooler::open(url, connections, patience, trust.clone(), pooler).await?;
            (Pools::Postgres(opened.0), opened.1)
        };
        Ok(Self { pools, statements: Arc::default(), patience, trust, route })
    }

    /// Whether a connection keeps its state, as it does without a pooler. A pooler in transaction
    /// mode keeps neither settings nor prepared statements nor session locks.
    pub fn is_direct(&self) -> bool {
        self.route.keeps_statements()
    }

    /// Opens the SQLite file at `path`, whatever its name contains, for a caller that works on it
    /// alone.
    pub(in crate::platform) async fn open_file(path: &Path) -> Result<Self, sqlx::Error> {
        let (options, patience) = (SqliteConnectOptions::new().filename(path), Patience::USUAL);
        let pools = open_sqlite(options, 2, patience).await?;
        let (trust, route) = (Trust::default(), Route::Direct);
        Ok(Self { pools, statements: Arc::default(), patience, trust, route })
    }

    /// Has all existing connections closed instead of reused.
    pub(super) fn distrust_connections(&self) {
        self.trust.reset();
    }

    /// The engine.
    pub fn engine(&self) -> Engine {
        match self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// The number of statements sent so far, except `begin` and `commit`: tests count them.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    pub(super) fn counter(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.statements)
    }

    /// Waits for running statements, and closes all connections.
    pub async fn close(&self) {
        // Twice: a connection that is returned while its pool is being closed for the first time
        // stays open, and the second time closes it. Otherwise SQLite's file would still be in use.
        for _ in 0..2 {
            match &self.pools {
                Pools::Sqlite { read, write } => {
                    read.close().await;
                    write.close().await;
                }
                Pools::Postgres(pool) => pool.close().await,
            }
        }
    }

    /// A transaction for questions about PostgreSQL itself; `None` on SQLite. Its statements must
    /// be unnamed (`persistent(false)`), because a pooler mixes up names.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub(in crate::platform) async fn ask_postgres(
        &self,
    ) -> Result<Option<Transaction<'static, Postgres>>, sqlx::Error> {
        match self.postgres() {
            None => Ok(None),
            Some(pool) => pool.begin().await.map(Some),
        }
    }

    /// The pool on PostgreSQL.
    pub(in crate::platform) fn postgres(&self) -> Option<&PgPool> {
        match &self.pools {
            Pools::Sqlite { .. } => None,
            Pools::Postgres(pool) => Some(pool),
        }
    }
}
