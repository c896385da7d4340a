//! A backup's description of itself: a table `backup` in its file, with one row.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, SqliteConnection};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::BackupError;
use crate::platform::audit::chain::hex;
use crate::platform::clock::Timestamp;
use crate::platform::db::transfer::{MANIFEST, Sums};
use crate::platform::secrets::digest;

/// The longest manifest, in characters: each table takes some 200.
const LARGEST: u32 = 4 * 1024 * 1024;

/// How often to try to open a file exclusively, and how long to wait in between.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

/// Opens the SQLite file at `path` so that it needs no other file beside it: without a write-ahead
/// log. Connections that were just closed may take a moment to end.
pub(super) async fn alone(path: &Path) -> Result<SqliteConnection, sqlx::Error> {
    const BUSY: &str = "5";
    let options =
        SqliteConnectOptions::new().filename(path).journal_mode(SqliteJournalMode::Delete);
    for _ in 0..TRIES {
        match options.connect().await {
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(BUSY) => {
                tokio::time::sleep(PAUSE).await;
            }
            opened => return opened,
        }
    }
    options.connect().await
}

/// The description of a backup. It is stored as JSON, so that anybody who opens the file can read
/// it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// When it was made, in RFC 3339.
    made_at: String,
    /// The version of the program that made it.
    pub program: String,
    /// The newest migration of its schema.
    pub schema: i64,
    /// The engine that it was made from: `sqlite` or `postgres`.
    pub engine: String,
    /// The ids of the secret keys that are needed to open everything in it.
    pub keys: Vec<String>,
    /// The number of organizations in it.
    pub organizations: u64,
    /// The sums of all tables, one of which contains the ends of the audit chains.
    pub tables: Sums,
    /// What the database contained besides the schema, which is not restored: tables, and columns
    /// as `table.column`.
    #[serde(default)]
    pub left_out: Vec<String>,
    /// The columns, as `table.column`, with a value that could not be read: the database was
    /// damaged, and so is the backup.
    #[serde(default)]
    pub unreadable: Vec<String>,
}

impl Manifest {
    pub(super) fn new(made_at: Timestamp, schema: i64, engine: &str, tables: Sums) -> Self {
        let organizations = tables.get("organizations").map_or(0, |sum| sum.rows);
        Self {
            made_at: made_at.rfc3339(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            schema,
            engine: engine.to_owned(),
            keys: Vec::new(),
            organizations,
            tables,
            left_out: Vec::new(),
            unreadable: Vec::new(),
        }
    }

    /// The number of rows in it.
    pub fn rows(&self) -> u64 {
        self.tables.values().map(|sum| sum.rows).sum()
    }

    /// When it was made.
    pub fn made_at(&self) -> Timestamp {
        OffsetDateTime::parse(&self.made_at, &Rfc3339)
            .map_or(Timestamp::from_micros(0), Timestamp::from)
    }

    /// Writes it to the file at `path`, which then needs no other file beside it.
    pub(super) async fn write(&self, path: &Path) -> Result<(), BackupError> {
        let text = serde_json::to_string(self)
            .map_err(|error| BackupError::refused(format!("cannot write the manifest: {error}")))?;
        let written = async {
            let mut file = alone(path).await?;
            // The database may already contain something with that name.
            let taken = "select type from sqlite_schema where lower(name) = $1";
            let taken: Vec<String> =
                sqlx::query_scalar(taken).bind(MANIFEST).fetch_all(&mut file).await?;
            for kind in taken {
                file.execute(AssertSqlSafe(format!("drop {kind} {MANIFEST}"))).await?;
            }
            let create =
                format!("create table {MANIFEST} (manifest text not null, digest text not null)");
            file.execute(AssertSqlSafe(create)).await?;
            sqlx::query(AssertSqlSafe(format!(
                "insert into {MANIFEST} (manifest, digest) values ($1, $2)"
            )))
            .bind(&text)
            .bind(hex(&digest(text.as_bytes())))
            .execute(&mut file)
            .await?;
            file.close().await
        };
        written.await.map_err(BackupError::about::<sqlx::Error>(path))
    }

    /// Reads the manifest of the backup at `path`, without changing it or creating files beside it.
    ///
    /// # Errors
    /// When there is no such file, when it is not a backup, and when its manifest was changed.
    pub async fn read(path: &Path) -> Result<Self, BackupError> {
        // Excludes pipes and the like, which might never end.
        if !std::fs::metadata(path).map_err(BackupError::at(path))?.is_file() {
            return Err(BackupError::refused(format!("{} is not a file", path.display())));
        }
        File::open(path).map_err(BackupError::at(path))?;
        let none = |why: String| {
            let path = path.display();
            BackupError::refused(format!(
                "{path} is not a backup of Tenantry, or is damaged: {why}"
            ))
        };
        let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(true);
        let read = async {
            let mut file: SqliteConnection = options.connect().await?;
            let read = select(&mut file).await;
            file.close().await?;
            read
        };
        let (text, expected) = read.await.map_err(|error| none(error.to_string()))?;
        if hex(&digest(text.as_bytes())) != expected {
            return Err(none("its manifest was changed".to_owned()));
        }
        serde_json::from_str(&text).map_err(|error| none(error.to_string()))
    }
}

/// The manifest and its digest. The file may be hostile: a view can run forever, and a text can
/// fill the memory.
async fn select(file: &mut SqliteConnection) -> Result<(String, String), sqlx::Error> {
    let kind = "select type from sqlite_schema where name = $1 and type = 'table'";
    sqlx::query_scalar::<_, String>(kind).bind(MANIFEST).fetch_one(&mut *file).await?;
    let manifest = format!(
        "select manifest, digest from {MANIFEST}
         where length(manifest) <= {LARGEST} and length(digest) <= 64"
    );
    sqlx::query_as(AssertSqlSafe(manifest)).fetch_one(file).await
}
