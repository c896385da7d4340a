//! The session store of tower-sessions on both engines, which hashes the ids it is given.
//!
//! It uses the database like all other code, with the same time limits and the same handling of
//! broken connections.

use async_trait::async_trait;
use tower_sessions::SessionManagerLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{self, Error, SessionStore};

use super::sign_in::SessionKey;
use crate::platform::App;
use crate::platform::clock::{Clock, Timestamp};
use crate::platform::config::Config;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::db::{Db, ReadOrWrite, Scope, Tx};
use crate::platform::ids::OrganizationId;
use crate::platform::secrets::digest;
use crate::platform::web::cookie;

/// The session layer for `app`: the cookie is `__Host-` and `Secure` where the base URL is https,
/// and plain on a loopback address served over http, where neither would work.
pub fn layer(app: &App) -> SessionManagerLayer<HashedStore> {
    SessionManagerLayer::new(HashedStore::of(app))
        .with_name(cookie::session_name(&app.config))
        .with_secure(app.config.is_https())
        .with_http_only(true)
        // Strict would sign people out when they follow a link from an email.
        .with_same_site(SameSite::Lax)
}

/// Whether `pair` is our cookie with an empty value.
pub(in crate::platform) fn is_empty_cookie(pair: &str, config: &Config) -> bool {
    pair.split_once('=')
        .is_some_and(|(name, value)| value.is_empty() && name == cookie::session_name(config))
}

/// Stores sessions under the digest of their id, so that a copy of the database opens nothing.
#[derive(Clone, Debug)]
pub struct HashedStore {
    db: Db,
    clock: Clock,
}

impl HashedStore {
    /// The store of `app`.
    pub fn of(app: &App) -> Self {
        Self { db: app.db.clone(), clock: app.clock.clone() }
    }

    /// Removes the data of the session with this key.
    pub async fn forget(&self, key: &SessionKey) -> session_store::Result<()> {
        self.delete_stored(stored(key.bytes())).await
    }

    async fn delete_stored(&self, id: Id) -> session_store::Result<()> {
        let mut tx = self.write().await?;
        tx.unscoped_query(unscoped_sql!("delete from sessions where id = $1"))
            .bind(id.to_string())
            .execute()
            .await
            .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }

    /// Removes the data of expired sessions.
    pub async fn delete_expired(&self) -> session_store::Result<()> {
        let mut tx = self.write().await?;
        tx.unscoped_query(unscoped_sql!("delete from sessions where expiry_date < $1"))
            .bind(self.clock.now())
            .execute()
            .await
            .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }

    async fn write(&self) -> session_store::Result<Tx> {
        self.begin(ReadOrWrite::Write).await
    }

    async fn begin(&self, intent: ReadOrWrite) -> session_store::Result<Tx> {
        let outside = Scope::Organization(OrganizationId::OUTSIDE);
        self.db.begin(intent, &outside).await.map_err(backend)
    }
}

fn backend(error: sqlx::Error) -> Error {
    Error::Backend(error.to_string())
}

/// The id under which a session is stored: the first half of its SHA-256.
fn hashed(id: &Id) -> Id {
    stored(&digest(&id.0.to_le_bytes()))
}

/// The stored id for the digest of a session's id.
fn stored(digest: &[u8]) -> Id {
    let mut half = [0; 16];
    half.iter_mut().zip(digest).for_each(|(byte, of_digest)| *byte = *of_digest);
    Id(i128::from_le_bytes(half))
}

#[async_trait]
impl SessionStore for HashedStore {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        // Two random ids of 128 bits are never equal, so there is no check for duplicates.
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let data =
            serde_json::to_vec(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        let mut tx = self.write().await?;
        tx.unscoped_query(unscoped_sql!(
            "insert into sessions (id, data, expiry_date) values ($1, $2, $3)
             on conflict (id) do update set data = excluded.data, expiry_date = excluded.expiry_date"
        ))
        .bind(hashed(&record.id).to_string())
        .bind(data)
        .bind(Timestamp::from(record.expiry_date))
        .execute()
        .await
        .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let mut tx = self.begin(ReadOrWrite::Read).await?;
        let found: Option<(Vec<u8>, Timestamp)> = tx
            .unscoped_query(unscoped_sql!(
                "select data, expiry_date from sessions where id = $1 and expiry_date > $2"
            ))
            .bind(hashed(id).to_string())
            .bind(self.clock.now())
            .optional()
            .await
            .map_err(backend)?;
        let Some((data, expiry_date)) = found else { return Ok(None) };
        let data =
            serde_json::from_slice(&data).map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date: expiry_date.into() }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.delete_stored(hashed(id)).await
    }
}
