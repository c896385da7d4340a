//! The version and the size of the database.

use std::path::PathBuf;

use super::connect::{Db, Pools};

/// The engine and its version.
///
/// # Errors
/// Any error of the database.
pub async fn server_version(db: &Db) -> Result<String, sqlx::Error> {
    match &db.pools {
        Pools::Sqlite { read, .. } => {
            let version: String =
                sqlx::query_scalar("select sqlite_version()").fetch_one(read).await?;
            Ok(format!("SQLite {version}"))
        }
        Pools::Postgres(pool) => {
            // In a transaction: outside of one, a pooler may use any connection.
            let mut tx = pool.begin().await?;
            let version: String = sqlx::query_scalar("select current_setting('server_version')")
                .persistent(false)
                .fetch_one(&mut *tx)
                .await?;
            Ok(format!("PostgreSQL {version}"))
        }
    }
}

/// The size of the database, in bytes.
///
/// # Errors
/// Any error of the database.
pub async fn size(db: &Db) -> Result<i64, sqlx::Error> {
    match &db.pools {
        Pools::Sqlite { read, .. } => {
            sqlx::query_scalar(
                "select page_count * page_size from pragma_page_count(), pragma_page_size()",
            )
            .fetch_one(read)
            .await
        }
        Pools::Postgres(pool) => {
            let mut tx = pool.begin().await?;
            sqlx::query_scalar("select pg_database_size(current_database())")
                .persistent(false)
                .fetch_one(&mut *tx)
                .await
        }
    }
}

impl Db {
    /// Its file on SQLite.
    pub fn file(&self) -> Option<PathBuf> {
        match &self.pools {
            Pools::Sqlite { write, .. } => Some(write.connect_options().get_filename().to_owned()),
            Pools::Postgres(_) => None,
        }
    }
}
