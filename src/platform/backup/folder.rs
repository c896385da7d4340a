//! A folder with as many backups as are wanted, each with the time in its name.

use std::path::{Path, PathBuf};
use std::time::Duration;

use time::PrimitiveDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::{BackupError, Made, Manifest, make};
use crate::platform::App;
use crate::platform::checkup::{Check, Verdict};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Db, Engine};
use crate::platform::disk::{self, bytes};
use crate::platform::secrets::{KeyId, create_private_folder};

/// How often it is looked whether a backup is due.
const PATROL: Duration = Duration::from_secs(60);
/// How long it is waited after one that failed.
const PAUSE: Duration = Duration::from_secs(600);

/// Which backups are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Where they lie.
    pub folder: PathBuf,
    /// How old the newest may become, in hours.
    pub hours: u32,
    /// How many are kept, at least one.
    pub keep: usize,
}

impl Schedule {
    fn interval(&self) -> time::Duration {
        time::Duration::hours(self.hours.into())
    }

    /// Makes a backup in the folder, and removes the oldest ones there that are too many. Other files
    /// are left alone.
    ///
    /// # Errors
    /// See [`make`]; when old ones cannot be removed.
    pub async fn make(&self, db: &Db, now: Timestamp) -> Result<Made, BackupError> {
        create_private_folder(&self.folder).map_err(BackupError::at(&self.folder))?;
        let made = make(db, &self.folder.join(name(now)), false, now).await?;
        for (_, old) in self.backups()?.iter().rev().skip(self.keep.max(1)) {
            std::fs::remove_file(old).map_err(BackupError::at(old))?;
        }
        Ok(made)
    }

    /// The backups in the folder with the time in each one's name, the oldest first; none where
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

    /// The backups in the folder in which something is sealed with `key`, the oldest first. One that
    /// cannot be read needs none.
    ///
    /// # Errors
    /// When the folder is there and cannot be read.
    pub async fn needing(&self, key: KeyId) -> Result<Vec<PathBuf>, BackupError> {
        let mut needing = Vec::new();
        for (_, path) in self.backups()? {
            if Manifest::read(&path).await.is_ok_and(|found| found.keys.contains(&key.to_string()))
            {
                needing.push(path);
            }
        }
        Ok(needing)
    }

    /// When the newest one in the folder was made, as its name says.
    fn newest(&self) -> Option<Timestamp> {
        self.backups().ok().and_then(|found| found.last().map(|(at, _)| *at))
    }

    /// Whether one is to be made now.
    fn is_due(&self, now: Timestamp) -> bool {
        let newest = self.newest();
        // One from the future says nothing of today.
        newest.is_none_or(|at| now.since(at) >= self.interval() || at.since(now) > self.interval())
    }

    /// What `tenantry doctor` says of the newest one.
    pub async fn check(&self, now: Timestamp) -> Check {
        const MEND: &str = "See the log of the service for why; on PostgreSQL, of the timer that calls \
                            `tenantry backup` with the owner's URL. Try it: tenantry backup";
        const AGAIN: &str = "It cannot be restored from: look after its disk, and make another one: \
                             tenantry backup";
        let shown = self.folder.display();
        // The folder may be another machine's, which takes its time.
        let here = self.clone();
        let look = move || {
            let found = here.backups()?;
            let newest = found.last().map(|(_, path)| path.clone());
            let disk = newest.map(|path| {
                let size = std::fs::metadata(&path).map_or(0, |file| file.len());
                (disk::free(&path), size, path)
            });
            Ok::<_, BackupError>((found.len(), disk))
        };
        let (count, newest) = match tokio::task::spawn_blocking(look).await {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => return Check::fail(ABOUT, format!("{error}."), MEND),
            Err(error) => return Check::fail(ABOUT, format!("{error}."), MEND),
        };
        let Some((free, size, newest)) = newest else {
            return Check::fail(ABOUT, format!("There is none in {shown} yet."), MEND);
        };
        let manifest = match Manifest::read(&newest).await {
            Ok(manifest) => manifest,
            Err(error) => return Check::fail(ABOUT, format!("{error}."), AGAIN),
        };
        let made_at = manifest.made_at();
        let (name, age) = (newest.display(), made_at.relative_to(&now));
        let what = format!("The newest of {count} is {name}, made {age}.");
        if now.since(made_at) > self.interval() * 2 {
            return Check::fail(ABOUT, what, MEND);
        }
        let check = room(what, free, size);
        match check.verdict {
            Verdict::Ok => complete(check.what, &manifest.left_out),
            _ => check,
        }
    }
}

const ABOUT: &str = "backups";

/// Whether the newest backup, of which `what` tells, has everything that the database had.
fn complete(what: String, left_out: &[String]) -> Check {
    match left_out {
        [] => Check::ok(ABOUT, what),
        names => Check::warn(
            ABOUT,
            format!(
                "{what} Not Tenantry's, and not in what is restored from it: {}.",
                names.join(", ")
            ),
            "Keep that in a database of its own, or back it up by other means.",
        ),
    }
}

/// Whether there is room for another backup that is as large as the newest, of which `what` tells.
fn room(what: String, free: Option<u64>, size: u64) -> Check {
    match free {
        Some(free) if free / 2 < size => Check::warn(
            ABOUT,
            format!("{what} It takes {}, and its disk has {} left.", bytes(size), bytes(free)),
            "Make room: the oldest one goes only after the next one is there, which may have grown.",
        ),
        _ => Check::ok(ABOUT, what),
    }
}

/// What `tenantry doctor` says where there is no schedule.
pub fn unscheduled() -> Check {
    Check::warn(
        ABOUT,
        "No folder for them is set: whether there are any is not known here.",
        "Set TENANTRY_BACKUP_FOLDER, on another disk; see \"Backups\" in the manual.",
    )
}

/// Makes backups as the settings say, for ever. Only SQLite's are made by the service itself: on
/// PostgreSQL its role may not read every organization's rows, and must not learn the owner's password.
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
        tracing::warn!(%file, left_out, "what is not Tenantry's was left out of the backup");
    }
    let columns = made.unreadable.join(", ");
    if !columns.is_empty() {
        tracing::error!(%file, columns, "the backup has values that cannot be read");
    }
}

const TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour][minute][second]Z");

/// The name of a backup that is made now. In the order of names they are in that of time.
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
    use super::*;

    #[test]
    fn a_disk_without_room_for_the_next_one_is_told_of() {
        let verdict = |free, size| room("The newest.".into(), free, size).verdict;
        assert_eq!(verdict(Some(20), 10), Verdict::Ok);
        assert_eq!(verdict(Some(19), 10), Verdict::Warn);
        assert_eq!(verdict(Some(0), 10), Verdict::Warn);
        assert_eq!(verdict(None, 10), Verdict::Ok);
    }

    #[test]
    fn the_time_stands_in_the_name_and_is_read_from_it() {
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        assert_eq!(name(now), "tenantry-2023-11-14T221320Z.backup");
        assert_eq!(time_in_name(Path::new("a/tenantry-2023-11-14T221320Z.backup")), Some(now));
        for other in ["tenantry.backup", "tenantry-2023.backup", ".tenantry-x.backup.part", "a"] {
            assert_eq!(time_in_name(Path::new(other)), None, "{other}");
        }
    }
}
