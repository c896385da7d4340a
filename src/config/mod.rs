//! What the operator sets: [`settings`] has every flag and environment variable with its default,
//! [`check`] says what is wrong with a value, and [`Config`] is what came out right.

mod check;
mod for_tests;
mod settings;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::Tls;
use url::{Host, Url};

use crate::platform::passwords::Blocklist;
use crate::platform::places::Places;
use crate::platform::secrets::KeyId;
use crate::platform::throttle::Limits;
use crate::platform::web::limits::Timeouts;

pub use settings::{LogFormat, Settings, SignUp};

/// The database role that the service connects as, unless another is named.
pub const DATABASE_ROLE: &str = "tenantry_app";

/// The settings, checked against each other.
#[derive(Clone)]
pub struct Config {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Where people reach it; with port 0 until the system has chosen one.
    base_url: Url,
    /// The database; it may hold a password.
    pub database_url: String,
    /// The database role that the service connects as, on PostgreSQL.
    pub database_role: String,
    /// Database connections at most.
    pub database_connections: u32,
    /// The mail server.
    pub smtp: Option<Smtp>,
    /// The sender of every mail.
    pub mail_from: Mailbox,
    /// The keyring file.
    pub secret_key_file: PathBuf,
    /// Keys that are gone for good, and that the operator starts without.
    pub lost_keys: Vec<KeyId>,
    /// The shortest password that is taken, in characters.
    pub password_min_length: usize,
    /// Whether an address is proved before there is an account.
    pub sign_up: SignUp,
    /// What no password may be.
    pub password_blocklist: Blocklist,
    /// Connections that are open at once, at most.
    pub max_connections: usize,
    /// How many entries at the end of X-Forwarded-For are believed.
    pub trusted_proxies: usize,
    /// Where in the world an address is.
    pub places: Option<Places>,
    /// How the log is written.
    pub log_format: LogFormat,
    /// How long clients may take; only tests change it.
    pub timeouts: Timeouts,
    /// How often somebody may try to get in; only tests change it.
    pub throttle: Limits,
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

impl Config {
    /// With the port that the system chose, where it was left to it.
    #[must_use]
    pub fn bound_to(mut self, address: SocketAddr) -> Self {
        if self.base_url.port() == Some(0) {
            // Cannot fail: the URL has a host.
            let _set = self.base_url.set_port(Some(address.port()));
        }
        self.listen = address;
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

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
