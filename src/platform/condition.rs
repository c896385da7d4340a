//! How the installation is doing, as its operators see it on their page and at the command line, and
//! as nobody else does.

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
    /// Whether its disk has room enough; unknown where the database is a server's.
    pub room: Option<Check>,
    /// Whether there are backups, as far as the folder for them tells.
    pub backups: Check,
    /// Whether the database takes changes.
    pub takes_changes: bool,
    /// How mail leaves, in a sentence.
    pub route: String,
    /// Whether it does.
    pub is_sent: bool,
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

    /// Each fact with what it is about and whether somebody has to do something about it.
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
        const ABOUT: &str = "Background work";
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

/// Whether the database's disk has room enough. It is asked on a thread that may wait for it.
async fn room(app: &App) -> Result<Option<Check>> {
    let Some(file) = app.db.file() else { return Ok(None) };
    let free = tokio::task::spawn_blocking(move || disk::free(&file)).await;
    let free = free.map_err(|error| AppError::Internal(Box::new(error)))?;
    Ok(free.map(disk::room))
}
