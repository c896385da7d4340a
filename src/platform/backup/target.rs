//! Where a backup is restored or a database is moved to: an empty database, or none yet.

use std::path::{Path, PathBuf};

use sqlx::Connection;

use super::manifest::alone;
use super::scratch::Scratch;
use super::{BackupError, reference};
use crate::platform::db::transfer::{self, Copied, CopyError, End, Meanwhile};
use crate::platform::db::{self, Db, Schema};

/// Where rows are written.
pub enum Target {
    /// A file for SQLite that does not exist yet; the caller holds it.
    File(PathBuf),
    /// PostgreSQL, connected as the owner, with the role that the service will connect as.
    Postgres(Db, String),
}

/// The name of a file while it is being filled.
const DRAFT: &str = "new.db";

impl Target {
    /// Checks that nothing would be overwritten, and that nothing there belongs to somebody else.
    pub(super) async fn expect_empty(&self) -> Result<(), BackupError> {
        match self {
            Self::File(path) => expect_no_file(path),
            Self::Postgres(db, role) => expect_fillable(db, role).await,
        }
    }

    /// Creates the schema and copies everything into it; `of_source` converts errors of `from`.
    pub(super) async fn fill(
        &self,
        from: &Db,
        meanwhile: Meanwhile,
        of_source: impl Fn(transfer::TransferError) -> BackupError,
    ) -> Result<Copied, BackupError> {
        match self {
            Self::File(path) => {
                let scratch = Scratch::next_to(path)?;
                let draft = scratch.path(DRAFT);
                let db = Db::open_file(&draft).await.map_err(BackupError::about(&draft))?;
                let filled = async {
                    db::migrate(&db, "").await.map_err(BackupError::about_schema(&draft))?;
                    let copied = transfer::copy(from, &db, meanwhile).await;
                    copied.map_err(|CopyError { end, error }| match end {
                        End::Source => of_source(error),
                        End::Target => BackupError::about(&draft)(error),
                    })
                };
                let filled = filled.await;
                db.close().await;
                let copied = filled?;
                // So that nothing remains in a log beside it.
                let closed = async { alone(&draft).await?.close().await };
                closed.await.map_err(BackupError::about::<sqlx::Error>(&draft))?;
                expect_no_file(path)?;
                scratch.publish(DRAFT, path)?;
                Ok(copied)
            }
            Self::Postgres(db, role) => {
                let migrated = db::migrate(db, role).await;
                migrated.map_err(|error| BackupError::Target(error.to_string()))?;
                let copied = transfer::copy(from, db, meanwhile).await;
                copied.map_err(|CopyError { end, error }| match end {
                    End::Source => of_source(error),
                    End::Target => BackupError::target(error),
                })
            }
        }
    }
}

/// Checks that there is neither a database nor the log of a former one, which SQLite would read
/// into a new one.
fn expect_no_file(path: &Path) -> Result<(), BackupError> {
    for ending in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        if Path::new(&name).symlink_metadata().is_ok() {
            return Err(BackupError::refused(format!(
                "{} already exists, and nothing is overwritten: move it away first, with its -wal, \
                 -shm and -journal files, or name another file",
                Path::new(&name).display()
            )));
        }
    }
    Ok(())
}

/// Checks that the role can create the schema in a PostgreSQL database, and that nothing prevents
/// it.
async fn expect_fillable(db: &Db, role: &str) -> Result<(), BackupError> {
    if let Some(words) = db::hindrance(db, role).await.map_err(BackupError::target)? {
        return Err(BackupError::Target(words));
    }
    // A connected service would write at the same time.
    if transfer::others_connected(db).await.map_err(BackupError::target)? > 0 {
        return Err(BackupError::target(transfer::TransferError::Connected));
    }
    let schema = db::schema(db).await.map_err(BackupError::target)?;
    if matches!(schema, Schema::Newer(_) | Schema::Other(_)) {
        return Err(BackupError::Target(format!(
            "{schema}. Use an empty database, or that version"
        )));
    }
    match db::version(db).await.map_err(BackupError::target)? {
        None => transfer::expect_new(db).await.map_err(BackupError::target),
        Some(version) => {
            let layout = reference::layout(&Scratch::elsewhere()?, version).await?;
            transfer::expect_fillable(db, &layout).await.map_err(BackupError::target)
        }
    }
}
