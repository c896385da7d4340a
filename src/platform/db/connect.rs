//! The open database, whichever engine it is, and how long it may take.

use std::path::Path;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{PgPool, Postgres, SqlitePool, Transaction};

use super::pooler::{self, Pooler, Route};
use super::sqlite::open_sqlite;

/// How long the database may take before the answer is 503. Tests shorten it.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a connection: until one is free, or a new one is made; and for beginning with it.
    pub connection: Duration,
    /// For a lock that somebody else holds.
    pub lock: Duration,
    /// For a statement. PostgreSQL ends it by itself after that time; where it does not even do
    /// that, the connection is closed a little later.
    pub statement: Duration,
}

impl Patience {
    /// What everybody has who does not say otherwise.
    pub const USUAL: Self = Self {
        connection: Duration::from_secs(5),
        lock: Duration::from_secs(4),
        statement: Duration::from_secs(20),
    };
}

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
    pub(super) patience: Patience,
    pub(super) trust: Trust,
    pub(super) route: Route,
}

/// Since when connections are trusted: an older one is closed instead of being used again.
#[derive(Clone, Debug, Default)]
pub(super) struct Trust(Arc<Mutex<Option<Instant>>>);

impl Trust {
    fn begin_anew(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Has all connections begin anew, unless that was done a moment ago: while the database takes no changes, every one that
    /// is tried says so.
    pub fn begin_anew_soon(&self) {
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

    /// Opens the database with at most `connections` at a time: to PostgreSQL, or of readers to SQLite.
    pub async fn connect_with(url: &str, connections: u32) -> Result<Self, sqlx::Error> {
        Self::connect_patiently(url, connections, Patience::USUAL).await
    }

    /// Opens the database for somebody who waits for as long as `patience` says.
    pub async fn connect_patiently(
        url: &str,
        connections: u32,
        patience: Patience,
    ) -> Result<Self, sqlx::Error> {
        Self::connect_through(url, connections, patience, Pooler::Detect).await
    }

    /// Opens the database at `url` with at most `connections` at a time, through what `pooler` says
    /// stands in front of PostgreSQL.
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

    /// Whether each connection keeps what it was told, as without a pooler; one in transaction mode
    /// keeps neither settings nor prepared statements, nor the locks of a session.
    pub fn is_direct(&self) -> bool {
        self.route.keeps_statements()
    }

    /// Opens the SQLite file at `path`, whatever is in its name, for somebody who works alone.
    pub(in crate::platform) async fn open_file(path: &Path) -> Result<Self, sqlx::Error> {
        let (options, patience) = (SqliteConnectOptions::new().filename(path), Patience::USUAL);
        let pools = open_sqlite(options, 2, patience).await?;
        let (trust, route) = (Trust::default(), Route::Direct);
        Ok(Self { pools, statements: Arc::default(), patience, trust, route })
    }

    /// Has every connection closed that was made before now, instead of being used again.
    pub(super) fn distrust_connections(&self) {
        self.trust.begin_anew();
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

    pub(super) fn counter(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.statements)
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        // Twice: one that comes back while its pool is closed for the first time is kept there, open, and
        // closed by the second time. SQLite's file would not be alone otherwise.
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

    /// A transaction for questions about PostgreSQL itself; `None` on SQLite. Whoever asks in it leaves
    /// the statements unnamed (`persistent(false)`): a pooler does not keep names apart.
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

    /// The pool, on PostgreSQL.
    pub(in crate::platform) fn postgres(&self) -> Option<&PgPool> {
        match &self.pools {
            Pools::Sqlite { .. } => None,
            Pools::Postgres(pool) => Some(pool),
        }
    }
}
