//! How the installation is doing, as its operators see it on their page and at the command line, and
//! as nobody else does.

use super::App;
use super::clock::Timestamp;
use super::db;
use super::disk::{self, bytes};
use super::jobs::{self, Queue};
use super::mail::outbox::{self, Outbox};
use super::mail::route;
use super::release::RELEASE;
use crate::error::{AppError, Result};

/// How the installation is doing at one moment.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The program.
    pub version: &'static str,
    /// Since when this process runs.
    pub started_at: Timestamp,
    /// The database's engine and version.
    pub engine: String,
    /// The newest migration that this program knows, which the database has.
    pub schema: i64,
    /// How much room the database takes, in bytes.
    pub size: i64,
    /// How much room its disk has left, in bytes; unknown where the database is a server's.
    pub free: Option<u64>,
    /// When the newest backup was made that lies in the folder for them, if there is a folder, and a backup.
    pub backed_up_at: Option<Option<Timestamp>>,
    /// Whether the database takes changes.
    pub takes_changes: bool,
    /// How mail leaves.
    pub route: String,
    /// How the outbox is doing.
    pub outbox: Outbox,
    /// How the background work is doing.
    pub jobs: Queue,
}

impl Condition {
    /// How it is doing now.
    ///
    /// # Errors
    /// What the database says.
    pub async fn of(app: &App) -> Result<Self> {
        let (free, backed_up_at) = disks(app).await?;
        Ok(Self {
            version: RELEASE,
            started_at: app.started_at,
            engine: db::server_version(&app.db).await?,
            schema: db::newest_migration(),
            size: db::size(&app.db).await?,
            free,
            backed_up_at,
            takes_changes: app.is_ready().await,
            route: route(app),
            outbox: outbox::outbox(app).await?,
            jobs: jobs::queue(app).await?,
        })
    }

    /// Each fact with what it is about, as people read it.
    pub fn facts(&self, now: Timestamp) -> Vec<(&'static str, String)> {
        let since = |at: Option<Timestamp>| match at {
            Some(at) => at.relative_to(&now).to_string(),
            None => "never".to_owned(),
        };
        let mut facts = vec![
            ("Version", self.version.to_owned()),
            ("Running", format!("since {}", self.started_at.minute())),
            (
                "Database",
                format!(
                    "{}, schema {}, {}",
                    self.engine,
                    self.schema,
                    bytes(self.size.unsigned_abs())
                ),
            ),
            (
                "Changes",
                match self.takes_changes {
                    true => "are taken".to_owned(),
                    false => "are not taken: the log says why".to_owned(),
                },
            ),
        ];
        if let Some(free) = self.free {
            facts.push(("Disk", format!("{} free", bytes(free))));
        }
        let backups = match self.backed_up_at {
            None => "no folder is set for them".to_owned(),
            Some(None) => "there is none yet".to_owned(),
            Some(newest) => format!("the newest is from {}", since(newest)),
        };
        facts.push(("Backups", backups));
        let Outbox { waiting, failed, waiting_since, last_sent_at } = self.outbox;
        let mut mail = format!("{}; {waiting} waiting", self.route);
        if waiting > 0 {
            mail.push_str(&format!(", the oldest from {}", since(waiting_since)));
        }
        mail.push_str(&format!("; {failed} failed; the last one left {}", since(last_sent_at)));
        facts.push(("Email", mail));
        let Queue { waiting, failing, waiting_since } = self.jobs;
        let mut work = format!("{waiting} waiting");
        if waiting > 0 {
            work.push_str(&format!(
                ", the oldest from {}; {failing} failing",
                since(waiting_since)
            ));
        }
        facts.push(("Background work", work));
        facts
    }
}

/// How much room the database's disk has left, and when the newest backup was made. The disks may be
/// other machines', and take their time.
async fn disks(app: &App) -> Result<(Option<u64>, Option<Option<Timestamp>>)> {
    let (database, backups) = (app.db.file(), app.config.backups());
    let look = move || {
        let free = database.and_then(|file| disk::free(&file));
        (free, backups.map(|backups| backups.newest()))
    };
    let seen = tokio::task::spawn_blocking(look).await;
    seen.map_err(|error| AppError::Internal(Box::new(error)))
}
