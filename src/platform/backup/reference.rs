//! The schema of a version, which determines what in a database belongs to it.

use super::BackupError;
use super::scratch::Scratch;
use crate::platform::db::transfer::{self, Layout};
use crate::platform::db::{self, Db};

/// The schema as of migration `version`, created in a scratch file and read from it.
///
/// # Errors
/// When that file cannot be made.
pub(super) async fn layout(scratch: &Scratch, version: i64) -> Result<Layout, BackupError> {
    let path = scratch.path("schema.db");
    let db = Db::open_file(&path).await.map_err(BackupError::about(&path))?;
    let made = async {
        db::migrate_to(&db, version).await.map_err(BackupError::about_schema(&path))?;
        transfer::layout(&db).await.map_err(BackupError::about(&path))
    };
    let made = made.await;
    db.close().await;
    made
}
