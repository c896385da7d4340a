//! How a backup is made.

use std::path::{Path, PathBuf};

use super::scratch::Scratch;
use super::{BackupError, Manifest};
use crate::platform::clock::Timestamp;
use crate::platform::db::transfer::{self, TransferError};
use crate::platform::db::{self, Db, Engine, Schema};
use crate::platform::sealed;

/// A backup that was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// Where it is.
    pub file: PathBuf,
    /// How large it is, in bytes.
    pub bytes: u64,
    /// What is in it.
    pub manifest: Manifest,
}

/// The name of the file while it is made.
const DRAFT: &str = "backup.db";

/// Makes a backup of everything in `db`, as it is at one moment, and puts it at `file` when it is
/// whole; `now` is when that is. The service may go on meanwhile.
///
/// # Errors
/// When there is a file already and it is not to be replaced (`replace`), when the database cannot be
/// read, on PostgreSQL by another role than its owner, and when the file cannot be written.
pub async fn make(
    db: &Db,
    file: &Path,
    replace: bool,
    now: Timestamp,
) -> Result<Made, BackupError> {
    expect_free(file, replace).await?;
    let schema = db::schema(db).await?;
    if matches!(schema, Schema::Newer(_) | Schema::Other(_)) {
        return Err(BackupError::refused(format!("{schema}. {}", schema.mend(""))));
    }
    let Some(version) = db::version(db).await? else {
        return Err(BackupError::refused(
            "there is nothing to back up yet: the database has no tables, or this role may not see \
             them",
        ));
    };
    let scratch = Scratch::beside(file)?;
    let draft = scratch.path(DRAFT);
    let engine = match db.engine() {
        Engine::Sqlite => {
            transfer::snapshot(db, &draft).await.map_err(|error| without_room(&draft, error))?;
            "sqlite"
        }
        Engine::Postgres => {
            let copy = Db::open_file(&draft).await?;
            db::migrate_to(&copy, version).await?;
            let copied = transfer::copy(db, &copy).await;
            copy.close().await;
            copied?;
            "postgres"
        }
    };
    let copy = Db::open_file(&draft).await?;
    let sums = transfer::sums(&copy).await;
    copy.close().await;
    let mut manifest = Manifest::new(now, version, engine, sums?);
    manifest.keys = keys(&scratch, &draft, schema, now).await?;
    manifest.write(&draft).await?;
    expect_free(file, replace).await?;
    scratch.publish(DRAFT, file)?;
    let bytes = std::fs::metadata(file).map_err(BackupError::at(file))?.len();
    Ok(Made { file: file.to_owned(), bytes, manifest })
}

/// A full disk is the one that the draft is on.
fn without_room(draft: &Path, error: TransferError) -> BackupError {
    const FULL: &str = "13";
    let is_full = matches!(
        &error,
        TransferError::Database(sqlx::Error::Database(told)) if told.code().as_deref() == Some(FULL)
    );
    match is_full {
        true => BackupError::at(draft)(std::io::ErrorKind::StorageFull.into()),
        false => error.into(),
    }
}

/// Whether a backup may be put there: nothing is replaced but another backup, and no name is taken that
/// SQLite gives to what belongs to a database.
async fn expect_free(file: &Path, replace: bool) -> Result<(), BackupError> {
    let refuse = |words: &str| Err(BackupError::refused(format!("{} {words}", file.display())));
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    if file.is_dir() {
        return refuse("is a folder: name a file in it");
    }
    if ["-wal", "-shm", "-journal"].iter().any(|end| name.ends_with(end)) {
        return refuse("is what SQLite calls a part of a database: take another name");
    }
    if file.symlink_metadata().is_err() {
        return Ok(());
    }
    if !replace {
        return refuse("is there already; name another file, or replace it with --replace");
    }
    match Manifest::read(file).await {
        Ok(_) => Ok(()),
        Err(_) => {
            refuse("is no backup, and nothing else is replaced: name another file, or remove it")
        }
    }
}

/// The ids of the keys without which something in the copy does not open. An older schema is asked as
/// it will be once it is restored.
async fn keys(
    scratch: &Scratch,
    draft: &Path,
    schema: Schema,
    now: Timestamp,
) -> Result<Vec<String>, BackupError> {
    let asked = match schema {
        Schema::Current => draft.to_owned(),
        _ => {
            let upgraded = scratch.path("upgraded.db");
            std::fs::copy(draft, &upgraded).map_err(BackupError::at(&upgraded))?;
            upgraded
        }
    };
    let db = Db::open_file(&asked).await?;
    let found = async {
        if schema != Schema::Current {
            db::migrate(&db, "").await?;
        }
        Ok::<_, BackupError>(sealed::missing_keys(&db, None, now).await?)
    };
    let found = found.await;
    db.close().await;
    let needed = found?.into_iter().filter(|key| !key.is_given_up);
    Ok(needed.map(|key| key.id.to_string()).collect())
}
