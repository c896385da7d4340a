//! How a backup is put into an empty installation, and a database into another one.

use std::path::{Path, PathBuf};

use sqlx::Connection;

use super::BackupError;
use super::manifest::alone;
use super::scratch::Scratch;
use super::verify::{Copy, Verified, prove};
use crate::config::Config;
use crate::platform::db::transfer::{self, Sums};
use crate::platform::db::{self, Db, Engine, Schema};

/// Where rows go.
pub enum Target {
    /// A file that is not there yet, for SQLite; the caller holds it.
    File(PathBuf),
    /// PostgreSQL, connected as the owner, with the role that the service will connect as.
    Postgres(Db, String),
}

/// A backup that was restored.
#[derive(Debug)]
pub struct Restored {
    /// What was found in the backup; its faults are those that were accepted.
    pub backup: Verified,
    /// What is there now.
    pub tables: Sums,
}

/// A database that was copied into another.
#[derive(Debug)]
pub struct Moved {
    /// What is there now.
    pub tables: Sums,
    /// How many audit chains were proved there.
    pub chains: usize,
    /// What is wrong with them, a sentence each; it was in the source, too.
    pub faults: Vec<String>,
}

/// The name of a file while it is filled.
const DRAFT: &str = "new.db";

/// Restores the backup at `file` into `target`, which is empty; a backup of an older version is brought
/// up to date on the way. With `despite_faults`, also one that is damaged: as far as it can be read.
///
/// # Errors
/// When the target is not empty, when the backup is damaged or newer than this program, and when
/// something cannot be read or written. Whatever goes wrong, the target stays as it was.
pub async fn restore(
    file: &Path,
    target: &Target,
    config: &Config,
    despite_faults: bool,
) -> Result<Restored, BackupError> {
    target.expect_empty().await?;
    let copy = Copy::open(file, config).await?;
    if !copy.found.faults.is_empty() && !despite_faults {
        copy.close().await;
        return Err(BackupError::refused(format!(
            "{} is damaged: {}. Nothing was restored. Take another backup; where there is none, \
             --despite-faults restores it with the rows that it has",
            file.display(),
            copy.found.faults.join("; ")
        )));
    }
    let tables = target.fill(&copy.db).await;
    copy.close().await;
    Ok(Restored { backup: copy.found, tables: tables? })
}

/// Copies everything from `source` into `target`, which is empty, and proves the audit chains there.
/// The source is not changed.
///
/// # Errors
/// When the target is not empty, when the source's schema is not today's, and when something cannot be
/// read or written. Unless the target is whole, it stays as it was.
pub async fn move_database(
    source: &Db,
    target: &Target,
    config: &Config,
) -> Result<Moved, BackupError> {
    let schema = db::schema(source).await?;
    if schema != Schema::Current {
        let mend = "Run `tenantry migrate` first, on PostgreSQL with the owner's URL.";
        return Err(BackupError::refused(format!("{schema}. {}", schema.mend(mend))));
    }
    expect_nobody(source).await?;
    target.expect_empty().await?;
    let tables = target.fill(source).await?;
    let (chains, faults) = match target {
        Target::File(path) => {
            let db = Db::open_file(path).await?;
            let proved = prove(&db, config).await;
            db.close().await;
            proved?
        }
        Target::Postgres(db, _) => prove(db, config).await?,
    };
    Ok(Moved { tables, chains, faults })
}

impl Target {
    /// What is there is never overwritten.
    async fn expect_empty(&self) -> Result<(), BackupError> {
        match self {
            Self::File(path) => expect_no_file(path),
            Self::Postgres(db, _) => {
                expect_nobody(db).await?;
                let schema = db::schema(db).await?;
                if matches!(schema, Schema::Newer(_) | Schema::Other(_)) {
                    return Err(BackupError::refused(format!(
                        "{schema}. Use an empty database, or that version"
                    )));
                }
                let is_new = db::version(db).await?.is_none();
                let found = if is_new { Vec::new() } else { transfer::in_the_way(db).await? };
                match found.is_empty() {
                    true => Ok(()),
                    false => Err(transfer::TransferError::NotEmpty(found).into()),
                }
            }
        }
    }

    async fn fill(&self, from: &Db) -> Result<Sums, BackupError> {
        match self {
            Self::File(path) => {
                let scratch = Scratch::beside(path)?;
                let db = Db::open_file(&scratch.path(DRAFT)).await?;
                let filled = async {
                    db::migrate(&db, "").await?;
                    Ok::<_, BackupError>(transfer::copy(from, &db).await?)
                };
                let filled = filled.await;
                db.close().await;
                let tables = filled?;
                // So that nothing is left in the log beside it.
                alone(&scratch.path(DRAFT)).await?.close().await?;
                expect_no_file(path)?;
                scratch.publish(DRAFT, path)?;
                Ok(tables)
            }
            Self::Postgres(db, role) => {
                db::migrate(db, role).await?;
                Ok(transfer::copy(from, db).await?)
            }
        }
    }
}

/// Neither a database nor what SQLite would read into a new one: the log of one that is gone.
fn expect_no_file(path: &Path) -> Result<(), BackupError> {
    for ending in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        if Path::new(&name).symlink_metadata().is_ok() {
            return Err(BackupError::refused(format!(
                "{} is there already, and nothing is overwritten: move it away first, with the files \
                 whose names begin like its own, or name another file",
                Path::new(&name).display()
            )));
        }
    }
    Ok(())
}

/// On PostgreSQL: a service that is connected would write beside it. SQLite's is kept away by a lock.
async fn expect_nobody(db: &Db) -> Result<(), BackupError> {
    if db.engine() == Engine::Postgres && transfer::others_connected(db).await? > 0 {
        return Err(BackupError::refused(
            "a service is connected to this PostgreSQL database: stop it first, everywhere",
        ));
    }
    Ok(())
}
