//! The state of the installation, shown only to its operators, on their page and on the command
//! line.

use super::App;
use super::backup::check;
use super::checkup::Check;
use super::clock::Timestamp;
use super::db;
use super::disk::{self, bytes};
use super::jobs::{self, Queue};
use super::mail::outbox::{self, Outbox};
use super::mail::route;
use super::release::RELEASE;
use crate::platform::error::{AppError, Result};

/// The state of the installation at one moment.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The program's version.
    pub version: &'static str,
    /// When this process started.
    pub started_at: Timestamp,
    /// The database's engine and version.
    pub engine: String,
    /// The newest migration that this program contains; the database has it, too.
    pub schema: i64,
    /// The size of the database, in bytes.
    pub size: i64,
    /// Whether its disk has enough free space; `None` when the database is on a server.
    pub room: Option<Check>,
    /// Whether there are backups, judging by the backup folder.
    pub backups: Check,
    /// Whether the database accepts changes.
    pub takes_changes: bool,
    /// How mail is sent, in a sentence.
    pub route: String,
    /// Whether mail is sent at all.
    pub is_sent: bool,
    /// The state of the outbox.
    pub outbox: Outbox,
    /// The state of the background jobs.
    pub jobs: Queue,
}

impl Condition {
    /// Collects the current state.
    ///
    /// # Errors
    /// Any error of the database.
    pub async fn of(app: &App) -> Result<Self> {
        Ok(Self {
            version: RELEASE,
            started_at: app.started_at,
            engine: db::server_version(&app.db).await?,
            schema: db::newest_migration(),
            size: db::size(&app.db).await?,
            room: room(app).await?,
            backups: match app.config.backups() {
                Some(schedule) => schedule.check(app.clock.now()).await,
                None => check::unscheduled(),
            },
            takes_changes: app.is_ready().await,
            route: route(app),
            is_sent: outbox::is_sent(app),
            outbox: outbox::outbox(app).await?,
            jobs: jobs::queue(app).await?,
        })
    }

    /// Each fact as a check, with whether somebody has to act on it.
    pub fn facts(&self, now: Timestamp) -> Vec<Check> {
        let mut facts = vec![
            Check::ok("Version", self.version),
            Check::ok("Running", format!("Since {}.", self.started_at.minute())),
            Check::ok(
                "Database",
                format!(
                    "{}, schema {}, {}",
                    self.engine,
                    self.schema,
                    bytes(self.size.unsigned_abs())
                ),
            ),
            match self.takes_changes {
                true => Check::ok("Changes", "The database accepts changes."),
                false => Check::fail(
                    "Changes",
                    "The database is not accepting changes.",
                    "The log says why: a full disk, or a server that is read-only.",
                ),
            },
        ];
        facts.extend(self.room.clone().map(|room| Check { about: "Disk", ..room }));
        facts.push(Check { about: "Backups", ..self.backups.clone() });
        facts.push(self.email(now));
        facts.push(self.work(now));
        facts
    }

    fn email(&self, now: Timestamp) -> Check {
        const ABOUT: &str = "Email";
        let Outbox { waiting, failed, waiting_since, last_sent_at } = self.outbox;
        let last = match last_sent_at {
            Some(at) => format!("The last email was sent {}.", at.relative_to(&now)),
            None => "No email has been sent yet.".to_owned(),
        };
        let oldest = waiting_since.filter(|_| waiting > 0);
        let what = format!(
            "{} {waiting} waiting{}, {failed} failed. {last}",
            self.route,
            since(oldest, now)
        );
        match (self.is_sent, failed) {
            (false, _) => Check::warn(
                ABOUT,
                what,
                "People get no invitations and no links: set TENANTRY_SMTP_URL.",
            ),
            (true, 0) => Check::ok(ABOUT, what),
            (true, _) => Check::warn(
                ABOUT,
                what,
                "Each is listed with the mail server's answer, and can be sent again.",
            ),
        }
    }

    fn work(&self, now: Timestamp) -> Check {
        const ABOUT: &str = "Background jobs";
        let Queue { waiting, failing, waiting_since } = self.jobs;
        let oldest = waiting_since.filter(|_| waiting > 0);
        let what = format!("{waiting} waiting{}, {failing} failing.", since(oldest, now));
        match failing {
            0 => Check::ok(ABOUT, what),
            _ => Check::warn(ABOUT, what, "Each is listed with its error, and is retried."),
        }
    }
}

fn since(oldest: Option<Timestamp>, now: Timestamp) -> String {
    oldest.map(|at| format!(" (the oldest from {})", at.relative_to(&now))).unwrap_or_default()
}

/// Whether the database's disk has enough free space. The check runs on a thread that may block.
async fn room(app: &App) -> Result<Option<Check>> {
    let Some(file) = app.db.file() else { return Ok(None) };
    let free = tokio::task::spawn_blocking(move || disk::free(&file)).await;
    let free = free.map_err(|error| AppError::Internal(Box::new(error)))?;
    Ok(free.map(disk::room))
}
