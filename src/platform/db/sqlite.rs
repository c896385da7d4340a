//! How an SQLite file is opened, and why.

use std::fs::File;
use std::path::{Path, PathBuf};

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
    SqliteTransactionManager,
};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use sqlx_core::transaction::TransactionManager;

use super::connect::{Patience, Pools};
use super::planning::forget_statistics;

/// Opens the pools of an SQLite file, and creates the file if there is none.
pub(super) async fn open_sqlite(
    options: SqliteConnectOptions,
    readers: u32,
    patience: Patience,
) -> Result<Pools, sqlx::Error> {
    let options = options
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // An acknowledged change must survive a power cut, not only a crash of the process.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(patience.lock)
        .disable_statement_logging();
    // The first process to open a new file turns on write-ahead logging, which fails for all others
    // that try at the same moment, however long they are willing to wait.
    let _held = lock_next_to(options.get_filename()).await?;
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false)
        .after_release(|connection, _| Box::pin(is_outside_transactions(connection)))
        .acquire_timeout(patience.connection)
        .after_connect(|connection, _| Box::pin(forget_statistics(connection)))
        .connect_with(options.clone())
        .await?;
    let read = SqlitePoolOptions::new()
        .max_connections(readers)
        .acquire_timeout(patience.connection)
        .test_before_acquire(false)
        .after_release(|connection, _| Box::pin(is_outside_transactions(connection)))
        .connect_with(options.create_if_missing(false).pragma("query_only", "on"))
        .await?;
    Ok(Pools::Sqlite { read, write })
}

/// Whether the connection is outside transactions, as far as sqlx knows. SQLite rolls back by
/// itself when its disk is full or fails; sqlx's own rollback then finds no transaction, and the
/// connection would never be able to begin another.
async fn is_outside_transactions(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // Work left over from returning the connection is done first.
    connection.ping().await?;
    Ok(SqliteTransactionManager::get_transaction_depth(connection) == 0)
}

/// Waits until no other process is opening or migrating the SQLite database at `path`, and makes
/// others wait until the returned file is closed.
pub(super) async fn lock_next_to(path: &Path) -> std::io::Result<File> {
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

#[cfg(test)]
mod tests {
    use crate::platform::db::connect::{Db, Pools, ReadOrWrite};
    use crate::platform::db::fault::Outage;
    use crate::platform::db::statement::unscoped_sql;
    use crate::platform::db::tx::Scope;

    async fn write(db: &Db, text: &str) -> Result<(), sqlx::Error> {
        let mut tx = db.begin(ReadOrWrite::Write, &Scope::Outside).await?;
        tx.unscoped_query(unscoped_sql!(
            "insert into sessions (id, data, expiry_date) values ($1, $2, 0)"
        ))
        .bind(text)
        .bind(text.repeat(100_000).into_bytes())
        .execute()
        .await?;
        tx.commit().await
    }

    #[tokio::test]
    async fn the_first_write_after_a_full_disk_has_room_again_succeeds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let db = Db::connect(&format!("sqlite:{}", path.display())).await.unwrap();
        let Pools::Sqlite { write: pool, .. } = &db.pools else { unreachable!("it is SQLite") };
        let table = "create table sessions (id text, data blob, expiry_date integer)";
        sqlx::raw_sql(table).execute(pool).await.unwrap();
        write(&db, "before").await.unwrap();
        // The limit belongs to the connection, and is gone with it.
        sqlx::raw_sql("pragma max_page_count = 1").execute(pool).await.unwrap();
        let error = write(&db, "meanwhile").await.unwrap_err();
        assert_eq!(Outage::of(&error), Some(Outage::Full), "{error}");
        write(&db, "after").await.unwrap();
        let kept: Vec<(String,)> =
            sqlx::query_as("select id from sessions order by 1").fetch_all(pool).await.unwrap();
        assert_eq!(kept, [("after".to_owned(),), ("before".to_owned(),)]);
    }
}
