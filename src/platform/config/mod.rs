//! The operator's settings: [`settings`] declares each of them once, [`values`] gathers their
//! values from all sources, [`check`] says what is wrong with them, and [`Config`] holds the valid
//! result.

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

/// The database role that the service connects as, unless another is set.
pub const DATABASE_ROLE: &str = "tenantry_app";

/// The settings, checked against each other. It derefs to [`Settings`].
#[derive(Clone)]
pub struct Config {
    settings: Settings,
    /// The URL at which people reach the service; its port may be 0 until the system has chosen
    /// one.
    base_url: Url,
    /// The mail server.
    pub smtp: Option<Smtp>,
    /// The sender of every email.
    pub mail_from: Mailbox,
    /// The time limits for clients; only tests change them.
    pub timeouts: Timeouts,
    /// The limits on attempts to get in; only tests change them.
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

/// How to reach the mail server.
#[derive(Clone)]
pub struct Smtp {
    /// Its host name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether and how the connection is encrypted; certificates are always checked.
    pub tls: Tls,
    /// The user name and password to sign in with, if any.
    pub credentials: Option<Credentials>,
    /// How long an attempt may take.
    pub timeout: Duration,
}

/// A setting with an unusable value: one line that names it.
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

/// All settings with unusable values.
#[derive(Clone, Debug)]
pub struct WrongSettings(Vec<WrongSetting>);

impl fmt::Display for WrongSettings {
    /// Puts each on its own line, with the prefix that begins every error message for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\ntenantry: "))
    }
}

impl std::error::Error for WrongSettings {}

/// Checks a database URL that a command is given in addition to the settings.
///
/// # Errors
/// When it is unusable; the message does not repeat what may be a secret.
pub(crate) fn checked_database_url(url: &str) -> Result<String, String> {
    check::database_url(url)
}

impl Config {
    /// Checks the settings against each other; adds problems to `wrong`.
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

    /// These settings, with another database.
    pub(crate) fn with_database(self, database_url: String) -> Self {
        let settings = Settings { database_url, ..self.settings };
        Self { settings, ..self }
    }

    /// Where backups are kept, how often they are made and how many are kept; `None` without a
    /// folder.
    pub fn backups(&self) -> Option<Schedule> {
        let folder = self.backup_folder.clone()?;
        Some(Schedule { folder, hours: self.backup_every, keep: self.backup_keep })
    }

    /// Sets the address that the service is bound to, and takes over its port if the base URL had
    /// none.
    #[must_use]
    pub fn bound_to(mut self, address: SocketAddr) -> Self {
        if self.base_url.port() == Some(0) {
            // Cannot fail: the URL has a host.
            let _set = self.base_url.set_port(Some(address.port()));
        }
        self.settings.listen = address;
        self
    }

    /// An absolute URL for `path`, for emails.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    /// Scheme, host and port of the base URL.
    pub fn origin(&self) -> String {
        self.base_url.origin().ascii_serialization()
    }

    /// Whether `authority`, as named in a request, is this site: that of the base URL. If that is a
    /// loopback name, every loopback name with any port counts, because a tunnel has another port,
    /// and no other site can have such a name.
    pub fn is_here(&self, authority: &str) -> bool {
        let url = Url::parse(&format!("{}://{authority}", self.base_url.scheme()));
        url.is_ok_and(|url| {
            let is_bare = url.path() == "/" && url.username().is_empty();
            is_bare
                && (url.origin() == self.base_url.origin()
                    || (self.is_loopback() && is_loopback(&url)))
        })
    }

    /// Whether browsers consider the connection trustworthy: https, or this machine. Otherwise they
    /// omit some headers.
    pub fn is_trustworthy(&self) -> bool {
        self.is_https() || self.is_loopback()
    }

    /// The port in the base URL, unless it is the default of its scheme.
    pub fn port_in_base_url(&self) -> Option<u16> {
        self.base_url.port()
    }

    /// Whether browsers reach the site by https.
    pub fn is_https(&self) -> bool {
        self.base_url.scheme() == "https"
    }

    /// Whether browsers reach the site only on this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.base_url)
    }
}
