//! Saves what it can from a damaged backup into a database that can be restored.

use std::path::Path;

use super::BackupError;
use super::scratch::Scratch;
use crate::platform::clock::Clock;
use crate::platform::db::transfer;
use crate::platform::db::{self, Db};

/// A database with what was saved.
pub(super) struct Repaired {
    pub db: Db,
    /// The repairs, a sentence each.
    pub mended: Vec<String>,
}

/// Saves what can be read of the backup at `file`, whose schema is that of migration `version`, to
/// a new database in `scratch`, and brings that up to date.
///
/// # Errors
/// When SQLite cannot read the whole file, or the result cannot be brought up to date.
pub(super) async fn repair(
    file: &Path,
    version: i64,
    scratch: &Scratch,
) -> Result<Repaired, BackupError> {
    // A fresh copy: the one that was examined may have been changed by that.
    let damaged = scratch.path("damaged.db");
    std::fs::copy(file, &damaged).map_err(BackupError::at(file))?;
    let path = scratch.path("repaired.db");
    let wrong = BackupError::about_schema(&path);
    let new = Db::open_file(&path).await.map_err(BackupError::about(&path))?;
    let made = db::migrate_to(&new, version).await;
    new.close().await;
    made.map_err(&wrong)?;
    let beyond = |error: transfer::TransferError| {
        let file = file.display();
        BackupError::refused(format!("{file} is damaged beyond repair: {error}"))
    };
    let from = Db::open_file(&damaged).await.map_err(|error| beyond(error.into()))?;
    let mended = transfer::salvage(&from, &path, Clock::System.now()).await;
    from.close().await;
    let mut mended = mended.map_err(beyond)?;
    let db = Db::open_file(&path).await.map_err(BackupError::about(&path))?;
    let whole = async {
        db::migrate(&db, "").await.map_err(&wrong)?;
        transfer::ownerless(&db).await.map_err(BackupError::about(&path))
    };
    match whole.await {
        Ok(slugs) => {
            mended.extend(slugs.iter().map(|slug| format!("{slug} has no owner left")));
            Ok(Repaired { db, mended })
        }
        Err(error) => {
            db.close().await;
            Err(error)
        }
    }
}
