//! What the operator sets: [`settings`] declares every setting once, [`values`] gathers what is set
//! from wherever it comes, [`check`] says what is wrong with it, and [`Config`] is what came out
//! right.

mod check;
mod document;
mod env_file;
mod for_tests;
mod setting;
mod settings;
mod show;
mod source;
#[cfg(test)]
mod tests;
mod unknown;
mod values;

use std::fmt;
use std::net::SocketAddr;
use std::ops::Deref;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::Tls;
use url::Url;

use crate::platform::backup::folder::Schedule;
use crate::platform::passwords;
use crate::platform::throttle::Limits;
use crate::platform::web::limits::Timeouts;
use check::is_loopback;

pub use check::{Authorities, SmtpUrl};
pub use document::document;
pub use setting::{Kind, Setting};
pub use settings::{ALL, Founders, LogFormat, LogRequests, Settings, SignUp};
pub use unknown::Unknown;
pub use values::{Flags, Values};

/// The database role that the service connects as, unless another is named.
pub const DATABASE_ROLE: &str = "tenantry_app";

/// The settings, checked against each other. It has the fields of [`Settings`], too.
#[derive(Clone)]
pub struct Config {
    settings: Settings,
    /// Where people reach it; with port 0 until the system has chosen one.
    base_url: Url,
    /// The mail server.
    pub smtp: Option<Smtp>,
    /// The sender of every mail.
    pub mail_from: Mailbox,
    /// How long clients may take; only tests change it.
    pub timeouts: Timeouts,
    /// How often somebody may try to get in; only tests change it.
    pub throttle: Limits,
    /// What hashing a password costs; only tests change it.
    pub password_cost: argon2::Params,
}

impl Deref for Config {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.settings
    }
}

/// How the mail server is reached.
#[derive(Clone)]
pub struct Smtp {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether and how the connection is encrypted; certificates are always checked.
    pub tls: Tls,
    /// Who we are there.
    pub credentials: Option<Credentials>,
    /// How long a try may take.
    pub timeout: Duration,
}

/// A setting that cannot be used: one line that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongSetting(String);

impl WrongSetting {
    fn new(setting: &str, what: impl fmt::Display) -> Self {
        Self(format!("{setting}: {what}"))
    }
}

impl fmt::Display for WrongSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongSetting {}

/// Every setting that cannot be used.
#[derive(Clone, Debug)]
pub struct WrongSettings(Vec<WrongSetting>);

impl fmt::Display for WrongSettings {
    /// Each is a line of its own, and all begin alike where an error is told to people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\ntenantry: "))
    }
}

impl std::error::Error for WrongSettings {}

/// A database's URL that a command is given beside the settings.
///
/// # Errors
/// When it cannot be used; what may be a secret is not repeated.
pub(crate) fn checked_database_url(url: &str) -> Result<String, String> {
    check::database_url(url)
}

impl Config {
    /// Checks the settings against each other; what is wrong is added to `wrong`.
    fn new(settings: Settings, wrong: &mut Vec<WrongSetting>) -> Option<Self> {
        let mut check = |name, outcome| match outcome {
            Ok(()) => {}
            Err(words) => wrong.push(WrongSetting::new(name, words)),
        };
        let base_url = match settings.base_url.clone() {
            Some(url) => Ok(url),
            None => check::default_base_url(settings.listen),
        };
        let base_url = base_url.map_err(|words| check("TENANTRY_BASE_URL", Err(words))).ok()?;
        check("TENANTRY_BASE_URL", check::is_encrypted(&base_url, &settings));
        check("TENANTRY_SIGN_UP_DOMAINS", check::domains_are_proved(&settings));
        let smtp = settings.smtp_url.clone();
        let smtp = smtp.map(|url| check::smtp(url, settings.smtp_ca.as_ref())).transpose();
        let smtp = smtp.map_err(|words| check("TENANTRY_SMTP_URL", Err(words))).ok()?;
        let sender = settings.sender.clone().map_or_else(|| check::default_sender(&base_url), Ok);
        let mail_from = sender.map_err(|words| check("TENANTRY_MAIL_FROM", Err(words))).ok()?;
        Some(Self {
            settings,
            base_url,
            smtp,
            mail_from,
            timeouts: Timeouts::default(),
            throttle: Limits::default(),
            password_cost: passwords::COST,
        })
    }

    /// These settings with another database.
    pub(crate) fn with_database(self, database_url: String) -> Self {
        let settings = Settings { database_url, ..self.settings };
        Self { settings, ..self }
    }

    /// Which backups are kept, and where; `None` where no folder is named.
    pub fn backups(&self) -> Option<Schedule> {
        let folder = self.backup_folder.clone()?;
        Some(Schedule { folder, hours: self.backup_every, keep: self.backup_keep })
    }

    /// With the port that the system chose, where it was left to it.
    #[must_use]
    pub fn bound_to(mut self, address: SocketAddr) -> Self {
        if self.base_url.port() == Some(0) {
            // Cannot fail: the URL has a host.
            let _set = self.base_url.set_port(Some(address.port()));
        }
        self.settings.listen = address;
        self
    }

    /// An absolute link to `path`, for mails.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    /// Scheme, host and port of the base URL.
    pub fn origin(&self) -> String {
        self.base_url.origin().ascii_serialization()
    }

    /// Whether `authority`, as a request names it, is where people reach this. Beside the base
    /// URL's, these are this machine's own names where the base URL is one of them: a tunnel has
    /// another port, and no other site can have such a name.
    pub fn is_here(&self, authority: &str) -> bool {
        let url = Url::parse(&format!("{}://{authority}", self.base_url.scheme()));
        url.is_ok_and(|url| {
            let is_bare = url.path() == "/" && url.username().is_empty();
            is_bare
                && (url.origin() == self.base_url.origin()
                    || (self.is_loopback() && is_loopback(&url)))
        })
    }

    /// Whether browsers trust the way to it: https, or this machine. Elsewhere they leave out some of
    /// what they say of themselves.
    pub fn is_trustworthy(&self) -> bool {
        self.is_https() || self.is_loopback()
    }

    /// The port that the base URL names, unless it is the one that its scheme stands for.
    pub fn port_in_base_url(&self) -> Option<u16> {
        self.base_url.port()
    }

    /// Whether browsers reach it by https.
    pub fn is_https(&self) -> bool {
        self.base_url.scheme() == "https"
    }

    /// Whether browsers reach it on this machine only.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.base_url)
    }
}
