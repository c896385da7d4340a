//! What `tenantry doctor` and the System page say about the backups.

use super::folder::Schedule;
use super::{BackupError, Manifest};
use crate::platform::checkup::{Check, Verdict};
use crate::platform::clock::Timestamp;
use crate::platform::disk::{self, bytes};

const ABOUT: &str = "backups";

impl Schedule {
    /// Checks the newest backup.
    pub async fn check(&self, now: Timestamp) -> Check {
        const MEND: &str = "See the log of the service for why; on PostgreSQL, of the timer that calls \
                            `tenantry backup` with the owner's URL. Try it: tenantry backup";
        const AGAIN: &str = "It cannot be restored: check its disk, and make another one: tenantry \
                             backup";
        const CLOSED: &str =
            "Let the user of the service read it; see \"On a schedule\" in the manual.";
        let shown = self.folder.display();
        // On a thread that may block: the folder may be on another machine, which takes time.
        let here = self.clone();
        let look = move || {
            let found = here.until(now)?;
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
            Err(error @ BackupError::File(..)) => {
                return Check::fail(ABOUT, format!("{error}."), CLOSED);
            }
            Err(error) => return Check::fail(ABOUT, format!("{error}."), AGAIN),
        };
        if !manifest.unreadable.is_empty() {
            let columns = manifest.unreadable.join(", ");
            return Check::fail(
                ABOUT,
                format!(
                    "The database was damaged when {} was made, in {columns}.",
                    newest.display()
                ),
                "Restore the last backup from before. The oldest ones are not removed in the \
                 meantime.",
            );
        }
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

/// Whether the newest backup, described by `what`, contains everything in the database.
fn complete(what: String, left_out: &[String]) -> Check {
    match left_out {
        [] => Check::ok(ABOUT, what),
        names => Check::warn(
            ABOUT,
            format!("{what} Not part of Tenantry, and not restored from it: {}.", names.join(", ")),
            "Keep that in a database of its own, or back it up by other means.",
        ),
    }
}

/// Whether there is room for another backup as large as the newest, described by `what`.
fn room(what: String, free: Option<u64>, size: u64) -> Check {
    match free {
        Some(free) if free / 2 < size => Check::warn(
            ABOUT,
            format!("{what} It takes {}, and its disk has {} left.", bytes(size), bytes(free)),
            "Make room: the oldest is removed only after the next one, which may be larger, is complete.",
        ),
        _ => Check::ok(ABOUT, what),
    }
}

/// The result if there is no schedule.
pub fn unscheduled() -> Check {
    Check::warn(
        ABOUT,
        "No backup folder is set, so it is not known whether there are any.",
        "Set TENANTRY_BACKUP_FOLDER, on another disk; see \"Backups\" in the manual.",
    )
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
}
