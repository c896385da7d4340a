//! How a backup is made.

use std::path::{Path, PathBuf};

use super::scratch::{Scratch, share};
use super::{BackupError, Manifest, is_full, reference};
use crate::platform::clock::Timestamp;
use crate::platform::db::transfer::{self, CopyError, End, Layout, Meanwhile, TransferError};
use crate::platform::db::{self, Db, Engine, Schema};
use crate::platform::sealed;

/// A new backup.
#[derive(Clone, Debug)]
pub struct Made {
    /// Its file.
    pub file: PathBuf,
    /// Its size, in bytes.
    pub bytes: u64,
    /// Its manifest.
    pub manifest: Manifest,
}

/// The name of the file while it is being made.
const DRAFT: &str = "backup.db";

/// Makes a backup of everything in `db` as of one moment, `now`, and moves it to `file` when it is
/// complete. The service can continue meanwhile.
///
/// # Errors
/// When `file` exists and `replace` is false, when the database cannot be read (on PostgreSQL only
/// its owner can), and when the file cannot be written.
pub async fn make(
    db: &Db,
    file: &Path,
    replace: bool,
    now: Timestamp,
) -> Result<Made, BackupError> {
    expect_free(file, replace).await?;
    let schema = db::schema(db).await.map_err(BackupError::source)?;
    if matches!(schema, Schema::Newer(_) | Schema::Other(_)) {
        return Err(BackupError::Source(format!("{schema}. {}", schema.mend(""))));
    }
    let Some(version) = db::version(db).await.map_err(BackupError::source)? else {
        return Err(BackupError::Source(
            "there is nothing to back up yet: the database has no tables, or this role may not see \
             them"
                .to_owned(),
        ));
    };
    let scratch = Scratch::next_to(file)?;
    let layout = reference::layout(&scratch, version).await?;
    let draft = scratch.path(DRAFT);
    let (engine, left_out) = match db.engine() {
        Engine::Sqlite => {
            transfer::snapshot(db, &draft).await.map_err(|error| of_snapshot(&draft, error))?;
            ("sqlite", Vec::new())
        }
        Engine::Postgres => ("postgres", carry(db, &draft, version).await?),
    };
    let copy = Db::open_file(&draft).await.map_err(BackupError::about(&draft))?;
    let holdings = transfer::holdings(&copy, &layout).await;
    copy.close().await;
    let holdings = holdings.map_err(BackupError::about(&draft))?;
    if let Some(lacking) = holdings.lacking.first() {
        return Err(BackupError::source(TransferError::Different(lacking.clone())));
    }
    let mut manifest = Manifest::new(now, version, engine, holdings.sums);
    manifest.left_out = match engine {
        "sqlite" => holdings.left_out,
        _ => left_out,
    };
    manifest.unreadable = holdings.unreadable.into_iter().collect();
    manifest.keys = keys(&scratch, &draft, schema, &layout, now).await?;
    manifest.write(&draft).await?;
    expect_free(file, replace).await?;
    scratch.publish(DRAFT, file)?;
    share(file).map_err(BackupError::at(file))?;
    let bytes = std::fs::metadata(file).map_err(BackupError::at(file))?.len();
    Ok(Made { file: file.to_owned(), bytes, manifest })
}

/// Copies PostgreSQL's rows to a new file; returns what the database contains besides the schema.
async fn carry(db: &Db, draft: &Path, version: i64) -> Result<Vec<String>, BackupError> {
    let copy = Db::open_file(draft).await.map_err(BackupError::about(draft))?;
    let carried = async {
        db::migrate_to(&copy, version).await.map_err(BackupError::about_schema(draft))?;
        let copied = transfer::copy(db, &copy, Meanwhile::OthersWrite).await;
        copied.map(|copied| copied.left_out).map_err(|CopyError { end, error }| match end {
            End::Source => BackupError::source(error),
            End::Target => BackupError::about(draft)(error),
        })
    };
    let carried = carried.await;
    copy.close().await;
    carried
}

/// If a disk is full, it is the draft's; any other error may be the database's.
fn of_snapshot(draft: &Path, error: TransferError) -> BackupError {
    match error.database().is_some_and(is_full) {
        true => BackupError::about(draft)(error),
        false => BackupError::source(error),
    }
}

/// Checks that a backup may be written there: only a backup can be replaced, and names that SQLite
/// reserves for files of a database are refused.
async fn expect_free(file: &Path, replace: bool) -> Result<(), BackupError> {
    let refuse = |words: &str| Err(BackupError::refused(format!("{} {words}", file.display())));
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    if file.is_dir() {
        return refuse("is a folder: name a file in it");
    }
    if ["-wal", "-shm", "-journal"].iter().any(|end| name.ends_with(end)) {
        return refuse("has an ending that SQLite reserves for itself: choose another name");
    }
    if file.symlink_metadata().is_err() {
        return Ok(());
    }
    if !replace {
        return refuse("already exists; name another file, or replace it with --replace");
    }
    match Manifest::read(file).await {
        Ok(_) => Ok(()),
        Err(_) => refuse(
            "is not a backup, and only backups are replaced: name another file, or remove it",
        ),
    }
}

/// The ids of the keys that are needed to open everything in the copy. An older schema is brought
/// up to date for this, as it will be when it is restored.
async fn keys(
    scratch: &Scratch,
    draft: &Path,
    schema: Schema,
    layout: &Layout,
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
    let db = Db::open_file(&asked).await.map_err(BackupError::about(&asked))?;
    let found = async {
        if schema != Schema::Current {
            transfer::strip(&db, layout).await.map_err(BackupError::about(&asked))?;
            db::migrate(&db, "").await.map_err(BackupError::about_schema(&asked))?;
        }
        let missing = sealed::missing_keys(&db, None, now).await;
        missing.map_err(BackupError::about(&asked))
    };
    let found = found.await;
    db.close().await;
    let needed = found?.into_iter().filter(|key| !key.is_given_up);
    Ok(needed.map(|key| key.id.to_string()).collect())
}

#[cfg(test)]
mod tests {
    use sqlx::Executor;

    use super::*;
    use crate::platform::backup::manifest::alone;

    #[tokio::test]
    async fn a_full_disk_is_told_of_by_the_name_of_the_file_that_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let draft = folder.path().join("a.db");
        std::fs::File::create(&draft).unwrap();
        let mut file = alone(&draft).await.unwrap();
        file.execute("create table t (a text)").await.unwrap();
        file.execute("pragma max_page_count = 1").await.unwrap();
        let full = file.execute("insert into t values (zeroblob(9999999))").await.unwrap_err();
        let told = TransferError::Row { table: "t".to_owned(), error: full };
        let words = BackupError::about(&draft)(told).to_string();
        assert!(words.contains("a.db: ") && words.to_lowercase().contains("no storage"), "{words}");
    }
}
