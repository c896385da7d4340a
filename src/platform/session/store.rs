//! The session store: tower-sessions' own for sqlx, with the ids hashed on their way in.

use async_trait::async_trait;
use tower_sessions::SessionManagerLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{self, ExpiredDeletion, SessionStore};
use tower_sessions_sqlx_store::{PostgresStore, SqliteStore};

use super::sign_in::SessionKey;
use crate::config::Config;
use crate::platform::App;
use crate::platform::db::Db;
use crate::platform::secrets::digest;
use crate::platform::web::cookie;

/// The table that holds session data; our own migrations make it.
const TABLE: &str = "sessions";

/// The session layer for `app`: the cookie is `__Host-` and `Secure` wherever the base URL is
/// https, and plain on a loopback address served over http, where neither would work.
pub fn layer(app: &App) -> SessionManagerLayer<HashedStore> {
    SessionManagerLayer::new(HashedStore::of(app))
        .with_name(cookie::session_name(&app.config))
        .with_secure(app.config.is_https())
        .with_http_only(true)
        // Strict would sign people out when they come from a link in their mail.
        .with_same_site(SameSite::Lax)
}

/// Whether `pair` is our cookie with nothing in it.
pub(in crate::platform) fn is_empty_cookie(pair: &str, config: &Config) -> bool {
    pair.split_once('=')
        .is_some_and(|(name, value)| value.is_empty() && name == cookie::session_name(config))
}

/// Stores sessions under the digest of their id, so that a copy of the database opens nothing.
#[derive(Clone, Debug)]
pub struct HashedStore {
    db: Db,
    stock: Stock,
}

#[derive(Clone, Debug)]
enum Stock {
    Sqlite(SqliteStore),
    Postgres(PostgresStore),
}

impl HashedStore {
    /// A store in `db`, whose migrations have made its table.
    ///
    /// # Panics
    /// Never: the table's name is a constant that the stores take.
    fn new(db: &Db) -> Self {
        let stock = match (db.sqlite_writer(), db.postgres()) {
            (Some(pool), _) => Stock::Sqlite(
                SqliteStore::new(pool.clone()).with_table_name(TABLE).expect("a plain name"),
            ),
            (None, Some(pool)) => Stock::Postgres(
                PostgresStore::new(pool.clone())
                    .with_schema_name("public")
                    .and_then(|store| store.with_table_name(TABLE))
                    .expect("plain names"),
            ),
            (None, None) => unreachable!("a database is one of the two engines"),
        };
        Self { db: db.clone(), stock }
    }

    /// The store of `app`.
    pub fn of(app: &App) -> Self {
        Self::new(&app.db)
    }

    /// Removes the data of the session with this key.
    pub async fn forget(&self, key: &SessionKey) -> session_store::Result<()> {
        self.delete_stored(&stored(key.bytes())).await
    }

    async fn delete_stored(&self, id: &Id) -> session_store::Result<()> {
        self.db.count_statement();
        match &self.stock {
            Stock::Sqlite(store) => store.delete(id).await,
            Stock::Postgres(store) => store.delete(id).await,
        }
    }

    /// Removes session data whose time is over.
    pub async fn delete_expired(&self) -> session_store::Result<()> {
        match &self.stock {
            Stock::Sqlite(store) => store.delete_expired().await,
            Stock::Postgres(store) => store.delete_expired().await,
        }
    }
}

/// The id under which a session is stored: the first half of its SHA-256.
fn hashed(id: &Id) -> Id {
    stored(&digest(&id.0.to_le_bytes()))
}

/// The id that the digest of a session's id stands for.
fn stored(digest: &[u8]) -> Id {
    let mut half = [0; 16];
    half.iter_mut().zip(digest).for_each(|(byte, of_digest)| *byte = *of_digest);
    Id(i128::from_le_bytes(half))
}

#[async_trait]
impl SessionStore for HashedStore {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        // Two equal ids of 128 random bits do not happen, so the stock store's search for a free
        // one has nothing to do: what it would find is a hash, which the cookie could not carry.
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.db.count_statement();
        let record = Record { id: hashed(&record.id), ..record.clone() };
        match &self.stock {
            Stock::Sqlite(store) => store.save(&record).await,
            Stock::Postgres(store) => store.save(&record).await,
        }
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        self.db.count_statement();
        let record = match &self.stock {
            Stock::Sqlite(store) => store.load(&hashed(id)).await,
            Stock::Postgres(store) => store.load(&hashed(id)).await,
        };
        Ok(record?.map(|record| Record { id: *id, ..record }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.delete_stored(&hashed(id)).await
    }
}
