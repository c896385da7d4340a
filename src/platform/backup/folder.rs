//! A folder that keeps a number of backups, each with its time in the name.

use std::path::{Path, PathBuf};
use std::time::Duration;

use time::PrimitiveDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::{BackupError, Made, Manifest, make};
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Db, Engine};
use crate::platform::secrets::{KeyId, create_private_folder};

/// How often to check whether a backup is due.
const PATROL: Duration = Duration::from_secs(60);
/// How long to wait after a failed backup.
const PAUSE: Duration = Duration::from_secs(600);

/// How often backups are made, and which are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Their folder.
    pub folder: PathBuf,
    /// How old the newest may become, in hours.
    pub hours: u32,
    /// How many are kept, at least one.
    pub keep: usize,
}

impl Schedule {
    pub(super) fn interval(&self) -> time::Duration {
        time::Duration::hours(self.hours.into())
    }

    /// Makes a backup in the folder, and removes the oldest ones beyond the limit. Other files are
    /// left alone. A backup of a damaged database never replaces an intact one, which may be the
    /// last.
    ///
    /// # Errors
    /// See [`make`]; also when old ones cannot be removed.
    pub async fn make(&self, db: &Db, now: Timestamp) -> Result<Made, BackupError> {
        create_private_folder(&self.folder).map_err(BackupError::at(&self.folder))?;
        let made = make(db, &self.folder.join(name(now)), false, now).await?;
        for old in self.surplus(&made, now).await? {
            std::fs::remove_file(&old).map_err(BackupError::at(&old))?;
        }
        Ok(made)
    }

    /// What to remove now that `made` exists: the oldest beyond the limit. After a backup of a
    /// damaged database, only other backups of a damaged one are removed.
    async fn surplus(&self, made: &Made, now: Timestamp) -> Result<Vec<PathBuf>, BackupError> {
        let found = self.until(now)?.into_iter().rev().map(|(_, path)| path);
        if made.manifest.unreadable.is_empty() {
            return Ok(found.skip(self.keep.max(1)).collect());
        }
        let mut surplus = Vec::new();
        for path in found.filter(|path| *path != made.file) {
            if Manifest::read(&path).await.is_ok_and(|found| !found.unreadable.is_empty()) {
                surplus.push(path);
            }
        }
        Ok(surplus)
    }

    /// The backups in the folder, except those whose names are far in the future, the oldest first.
    /// Backups made while the clock was wrong do not count as the newest and do not displace older
    /// ones.
    pub(super) fn until(&self, now: Timestamp) -> Result<Vec<(Timestamp, PathBuf)>, BackupError> {
        let mut found = self.backups()?;
        found.retain(|(at, _)| at.since(now) <= self.interval());
        Ok(found)
    }

    /// The backups in the folder, with the time in each one's name, the oldest first; empty if
    /// there is no folder yet.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn backups(&self) -> Result<Vec<(Timestamp, PathBuf)>, BackupError> {
        let wrong = BackupError::at(&self.folder);
        let mut found = Vec::new();
        let entries = match std::fs::read_dir(&self.folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
            entries => entries.map_err(&wrong)?,
        };
        for entry in entries {
            let path = entry.map_err(&wrong)?.path();
            if let Some(made_at) = time_in_name(&path) {
                found.push((made_at, path));
            }
        }
        found.sort();
        Ok(found)
    }

    /// The backups in the folder that contain something sealed with `key`, the oldest first.
    ///
    /// # Errors
    /// When the folder exists but cannot be read, or one of its backups cannot.
    pub async fn needing(&self, key: KeyId) -> Result<Vec<PathBuf>, BackupError> {
        let mut needing = Vec::new();
        for (_, path) in self.backups()? {
            if Manifest::read(&path).await?.keys.contains(&key.to_string()) {
                needing.push(path);
            }
        }
        Ok(needing)
    }

    /// Whether a backup is due, judging by the name of the newest.
    fn is_due(&self, now: Timestamp) -> bool {
        let found = self.until(now).unwrap_or_default();
        found.last().is_none_or(|(newest, _)| now.since(*newest) >= self.interval())
    }
}

/// Makes backups on schedule, forever. The service only does this on SQLite: on PostgreSQL its role
/// may not read every organization's rows, and must not know the owner's password.
pub async fn run(app: App) {
    let Some(schedule) = app.config.backups() else { return };
    if app.db.engine() == Engine::Postgres {
        return;
    }
    loop {
        let now = app.clock.now();
        let mut pause = PATROL;
        if schedule.is_due(now) {
            match schedule.make(&app.db, now).await {
                Ok(made) => tell(&made),
                Err(error) => {
                    tracing::error!(%error, "a backup could not be made");
                    pause = PAUSE;
                }
            }
        }
        tokio::time::sleep(pause).await;
    }
}

fn tell(made: &Made) {
    let (file, rows) = (made.file.display(), made.manifest.rows());
    tracing::info!(%file, bytes = made.bytes, rows, "a backup was made");
    let left_out = made.manifest.left_out.join(", ");
    if !left_out.is_empty() {
        tracing::warn!(%file, left_out, "something in the database is not part of Tenantry, and is not restored from its backups");
    }
    let columns = made.manifest.unreadable.join(", ");
    if !columns.is_empty() {
        tracing::error!(%file, columns, "the backup has values that cannot be read");
    }
}

const TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour][minute][second]Z");

/// The name of a backup made at `now`. Names sort by time.
fn name(now: Timestamp) -> String {
    let stamp = now.stamp().replace(':', "").replace(' ', "T");
    format!("tenantry-{stamp}Z.backup")
}

fn time_in_name(path: &Path) -> Option<Timestamp> {
    let name = path.file_name()?.to_str()?;
    let time = name.strip_prefix("tenantry-")?.strip_suffix(".backup")?;
    Some(PrimitiveDateTime::parse(time, TIME).ok()?.assume_utc().into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[tokio::test]
    async fn what_is_from_the_future_drives_nothing_out_and_what_is_damaged_nothing_whole() {
        let folder = tempfile::tempdir().unwrap();
        let day =
            |day| Timestamp::from_micros(1_700_000_000_000_000).plus(time::Duration::days(day));
        let path = |at| folder.path().join(name(at));
        for at in [0, 1, 2, 3, 4000, 4001, 4002] {
            std::fs::write(path(day(at)), "").unwrap();
        }
        let schedule = Schedule { folder: folder.path().to_owned(), hours: 24, keep: 2 };
        let manifest = Manifest::new(day(3), 1, "sqlite", BTreeMap::new());
        let mut made = Made { file: path(day(3)), bytes: 0, manifest };
        assert_eq!(schedule.surplus(&made, day(3)).await.unwrap(), [path(day(1)), path(day(0))]);
        made.manifest.unreadable.push("clients.notes".to_owned());
        assert!(schedule.surplus(&made, day(3)).await.unwrap().is_empty());
        assert!(!schedule.is_due(day(3)));
        assert!(schedule.is_due(day(4)));
        // The clock was ahead for a while.
        assert!(schedule.is_due(day(-2)));
        assert_eq!(schedule.until(day(3)).unwrap().len(), 4);
    }

    #[test]
    fn the_time_is_in_the_name_and_is_read_from_it() {
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        assert_eq!(name(now), "tenantry-2023-11-14T221320Z.backup");
        assert_eq!(time_in_name(Path::new("a/tenantry-2023-11-14T221320Z.backup")), Some(now));
        for other in ["tenantry.backup", "tenantry-2023.backup", ".tenantry-x.backup.part", "a"] {
            assert_eq!(time_in_name(Path::new(other)), None, "{other}");
        }
    }
}
