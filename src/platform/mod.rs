//! What every feature builds on. Items that only the platform may use are visible only inside it.

pub mod audit;
pub mod backup;
pub mod bounded;
pub mod checkup;
pub mod clock;
pub mod condition;
pub mod config;
pub mod db;
pub mod disk;
pub mod domains;
pub mod email;
pub mod error;
pub mod files;
pub mod ids;
pub mod jobs;
pub mod links;
pub mod list;
pub mod mail;
pub mod module;
pub mod money;
pub mod newest;
pub mod noun;
pub mod owners;
pub mod passwords;
pub mod pictures;
pub mod places;
#[cfg(feature = "prove")]
pub mod prove;
pub mod qr;
mod ready;
pub mod release;
pub mod retention;
pub mod sealed;
pub mod search;
pub mod secrets;
pub mod session;
pub mod sheet;
pub mod telemetry;
pub mod tenant;
pub mod text;
pub mod throttle;
pub mod web;
pub mod words;

use std::sync::Arc;

use tokio::sync::Notify;

use crate::platform::config::Config;
use audit::refusals::Refusals;
use clock::{Clock, Timestamp};
use db::Db;
use mail::Transport;
use passwords::Passwords;
use pictures::Pictures;
use ready::Readiness;
use secrets::Keyring;
use session::presence::Presence;

/// The running application, shared by handlers and workers. Cloning it is cheap.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of [`App`].
pub struct Parts {
    /// The raw database, which features cannot reach.
    pub(in crate::platform) db: Db,
    /// The source of the time; it never goes back.
    pub clock: Clock,
    /// When this process started.
    pub started_at: Timestamp,
    /// The settings.
    pub config: Config,
    /// Encrypts what must be readable later but not at rest.
    pub keyring: Keyring,
    /// Hashes and checks passwords off the async threads.
    pub passwords: Passwords,
    /// Redraws uploaded pictures off the async threads.
    pub pictures: Pictures,
    /// How mail is sent.
    pub(in crate::platform) transport: Transport,
    pub(in crate::platform) presence: Presence,
    pub(in crate::platform) readiness: Readiness,
    /// Refusals and failed sign-ins that are to go into the audit log.
    pub refusals: Refusals,
    /// Wakes the mail and job workers when a request has left them work.
    pub(in crate::platform) mail_work: Notify,
    pub(in crate::platform) job_work: Notify,
}

impl App {
    /// Builds the application over a database that has been migrated.
    pub fn new(db: Db, clock: Clock, config: Config, keyring: Keyring) -> Self {
        let transport = Transport::from_config(&config);
        Self(Arc::new(Parts {
            db,
            started_at: clock.now(),
            clock: clock.steady(),
            passwords: Passwords::new(
                config.password_min_length,
                config.password_blocklist.clone(),
                config.password_cost.clone(),
            ),
            pictures: Pictures::default(),
            keyring,
            transport,
            presence: Presence::default(),
            readiness: Readiness::default(),
            refusals: Refusals::default(),
            mail_work: Notify::new(),
            job_work: Notify::new(),
            config,
        }))
    }

    /// The application on the same database, with another clock: the demonstration plays what happened
    /// before today.
    #[must_use]
    pub fn with_clock(&self, clock: Clock) -> Self {
        Self::new(self.db.clone(), clock, self.config.clone(), self.keyring.clone())
    }

    /// Wakes the workers: a committed change has left them work.
    pub fn wake_workers(&self) {
        self.mail_work.notify_one();
        self.job_work.notify_one();
    }

    /// Waits until a committed change may have left mail.
    pub async fn mail_left(&self) {
        self.mail_work.notified().await;
    }

    /// Waits until a committed change may have left a job.
    pub async fn jobs_left(&self) {
        self.job_work.notified().await;
    }

    /// The number of statements sent to the database so far.
    pub fn statements(&self) -> u64 {
        self.db.statements()
    }

    /// Whether the database accepts changes.
    pub async fn is_ready(&self) -> bool {
        ready::is_ready(self).await
    }

    /// Logs one line that records which program started and how it was configured.
    pub fn say_what_starts(&self) {
        let config = &self.config;
        tracing::info!(
            version = release::RELEASE,
            engine = ?self.db.engine(),
            schema = db::newest_migration(),
            listen = %config.listen,
            base_url = config.origin(),
            sign_up = ?config.sign_up,
            mail = mail::route(self),
            trusted_proxies = config.trusted_proxies,
            connections = config.database_connections,
            key = %self.keyring.first(),
            "started"
        );
    }

    /// Closes the database after the last request.
    pub async fn close(&self) {
        self.db.close().await;
    }
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
