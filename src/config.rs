//! Every setting: its flag, its environment variable, its default, and one sentence about it.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use percent_encoding::percent_decode_str;
use url::{Host, Url};

use crate::platform::db::CONNECTIONS;
use crate::platform::throttle::Limits;
use crate::platform::web::limits::Timeouts;

/// The settings as the operator writes them.
#[derive(Clone, Args)]
pub struct Settings {
    /// Address and port to listen on.
    #[arg(long, global = true, env = "TENANTRY_LISTEN", default_value = "127.0.0.1:3000")]
    listen: String,

    /// Where people reach it, as they type it; links in mails start with it
    /// [default: http:// and the listen address, where that is a loopback address].
    #[arg(long, global = true, env = "TENANTRY_BASE_URL")]
    base_url: Option<String>,

    /// The database: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME.
    #[arg(
        long,
        global = true,
        env = "TENANTRY_DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite:data/tenantry.db"
    )]
    database_url: String,

    /// The database role that the service connects as, on PostgreSQL; `tenantry migrate` makes it.
    #[arg(long, global = true, env = "TENANTRY_DATABASE_ROLE", default_value = DATABASE_ROLE)]
    database_role: String,

    /// Connections to PostgreSQL, or readers of SQLite, at most, 1 to 1000.
    #[arg(long, global = true, env = "TENANTRY_DATABASE_CONNECTIONS", default_value = "16")]
    database_connections: String,

    /// The mail server: smtp://USER:PASSWORD@HOST:587 (STARTTLS, required unless on loopback) or
    /// smtps://…; without it, mail lands in /dev/mailbox where the base URL is a loopback address.
    #[arg(long, global = true, env = "TENANTRY_SMTP_URL", hide_env_values = true)]
    smtp_url: Option<String>,

    /// The sender of every mail [default: Tenantry <no-reply@HOST OF THE BASE URL>].
    #[arg(long, global = true, env = "TENANTRY_MAIL_FROM")]
    mail_from: Option<String>,

    /// The keys that seal secrets at rest, one base64 line each, the first in use; made when
    /// missing. Whoever has the database and this file can read the mail that waits.
    #[arg(
        long,
        global = true,
        env = "TENANTRY_SECRET_KEY_FILE",
        default_value = "data/secret.key"
    )]
    secret_key_file: PathBuf,

    /// The shortest password that is taken, in characters, 8 to 64.
    #[arg(long, global = true, env = "TENANTRY_PASSWORD_MIN_LENGTH", default_value = "12")]
    password_min_length: String,

    /// Serve plain http beyond loopback: passwords and sessions travel readable.
    #[arg(long, global = true, env = "TENANTRY_ALLOW_HTTP")]
    allow_http: bool,

    /// Connections that are open at once, at most, 1 to 100000; more are answered with 503.
    #[arg(long, global = true, env = "TENANTRY_MAX_CONNECTIONS", default_value = "1000")]
    max_connections: String,

    /// How many proxies stand in front of it, 0 to 10: as many entries at the end of
    /// X-Forwarded-For are believed, and the first of these is the client's address.
    #[arg(long, global = true, env = "TENANTRY_TRUSTED_PROXIES", default_value = "0")]
    trusted_proxies: String,

    /// How the log is written to standard error.
    #[arg(long, global = true, env = "TENANTRY_LOG_FORMAT", default_value = "text")]
    log_format: LogFormat,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

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
    /// The shortest password that is taken, in characters.
    pub password_min_length: usize,
    /// Connections that are open at once, at most.
    pub max_connections: usize,
    /// How many entries at the end of X-Forwarded-For are believed.
    pub trusted_proxies: usize,
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

/// The database role that the service connects as, unless another is named.
pub const DATABASE_ROLE: &str = "tenantry_app";

/// How long a try to send a mail may take.
const SMTP_TIMEOUT: Duration = Duration::from_secs(30);

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

impl Settings {
    /// The database for a demonstration, unless the operator has named another.
    pub fn with_demo_database(self) -> Self {
        if self.database_url == "sqlite:data/tenantry.db" {
            Self { database_url: "sqlite:data/demo.db".to_owned(), ..self }
        } else {
            self
        }
    }

    /// Checks the settings one by one and against each other.
    pub fn check(self) -> Result<Config, WrongSetting> {
        let listen: SocketAddr = self.listen.parse().map_err(|_| {
            WrongSetting::new("TENANTRY_LISTEN", format!("{:?} is not ADDRESS:PORT", self.listen))
        })?;
        let base_url = base_url(self.base_url.as_deref().filter(|url| !url.is_empty()), listen)?;
        let is_plain = base_url.scheme() == "http";
        if is_plain && !self.allow_http && !(is_loopback(&base_url) && listen.ip().is_loopback()) {
            return Err(WrongSetting::new(
                "TENANTRY_BASE_URL",
                "plain http is served on loopback only; use https behind a proxy that ends TLS, \
                 or insist with TENANTRY_ALLOW_HTTP=true",
            ));
        }
        let smtp = self.smtp_url.as_deref().filter(|url| !url.is_empty()).map(smtp).transpose()?;
        Ok(Config {
            listen,
            mail_from: mail_from(self.mail_from.as_deref(), &base_url)?,
            base_url,
            database_url: database_url(self.database_url)?,
            database_role: database_role(self.database_role)?,
            database_connections: database_connections(&self.database_connections)?,
            smtp,
            secret_key_file: self.secret_key_file,
            password_min_length: password_min_length(&self.password_min_length)?,
            max_connections: number(
                "TENANTRY_MAX_CONNECTIONS",
                &self.max_connections,
                1..=100_000,
            )?,
            trusted_proxies: number("TENANTRY_TRUSTED_PROXIES", &self.trusted_proxies, 0..=10)?,
            log_format: self.log_format,
            timeouts: Timeouts::default(),
            throttle: Limits::default(),
        })
    }
}

impl Config {
    /// Settings for tests: everything on loopback, mail to `smtp_port` if there is one.
    ///
    /// # Panics
    /// Never: the addresses in it are constants.
    pub fn for_tests(database_url: String, smtp_port: Option<u16>) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            base_url: Url::parse("http://127.0.0.1:0").expect("a URL"),
            database_url,
            database_role: DATABASE_ROLE.to_owned(),
            database_connections: CONNECTIONS,
            smtp: smtp_port.map(|port| Smtp {
                host: "127.0.0.1".to_owned(),
                port,
                tls: Tls::None,
                credentials: None,
                timeout: Duration::from_secs(1),
            }),
            mail_from: "Tenantry <no-reply@tenantry.test>".parse().expect("a mailbox"),
            secret_key_file: PathBuf::new(),
            password_min_length: 12,
            max_connections: 1000,
            trusted_proxies: 0,
            log_format: LogFormat::Text,
            timeouts: Timeouts::default(),
            // Everybody in a test comes from the same address, many at the same moment.
            throttle: Limits { per_account: 1000, per_network: 10_000 },
        }
    }

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

    /// With another base URL, for tests.
    #[must_use]
    pub fn with_base_url(self, base_url: Url) -> Self {
        Self { base_url, ..self }
    }

    /// Behind so many proxies, for tests.
    #[must_use]
    pub fn behind_proxies(self, trusted_proxies: usize) -> Self {
        Self { trusted_proxies, ..self }
    }

    /// With so many connections at once, for tests.
    #[must_use]
    pub fn with_connections(self, max_connections: usize) -> Self {
        Self { max_connections, ..self }
    }

    /// With other patience, for tests.
    #[must_use]
    pub fn with_timeouts(self, timeouts: Timeouts) -> Self {
        Self { timeouts, ..self }
    }

    /// With other limits on tries, for tests.
    #[must_use]
    pub fn with_throttle(self, throttle: Limits) -> Self {
        Self { throttle, ..self }
    }

    /// Without a mail server, for tests.
    #[must_use]
    pub fn without_smtp(self) -> Self {
        Self { smtp: None, ..self }
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

    /// Whether browsers reach it by https.
    pub fn is_https(&self) -> bool {
        self.base_url.scheme() == "https"
    }

    /// Whether browsers reach it on this machine only.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.base_url)
    }
}

fn base_url(given: Option<&str>, listen: SocketAddr) -> Result<Url, WrongSetting> {
    let wrong = |what: &str| WrongSetting::new("TENANTRY_BASE_URL", what);
    let url = match given {
        Some(url) => Url::parse(url).map_err(|error| wrong(&format!("{url:?}: {error}")))?,
        None if listen.ip().is_loopback() => {
            Url::parse(&format!("http://{listen}")).map_err(|error| wrong(&error.to_string()))?
        }
        None => return Err(wrong("is needed when TENANTRY_LISTEN is not a loopback address")),
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("must start with https:// (or http:// on loopback)"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("must end after the host and port"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("must not hold a user name or password"));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn database_url(url: String) -> Result<String, WrongSetting> {
    let known =
        ["sqlite:", "postgres://", "postgresql://"].iter().any(|kind| url.starts_with(kind));
    if !known {
        // The value may hold a password, so it is not repeated.
        return Err(WrongSetting::new(
            "TENANTRY_DATABASE_URL",
            "must start with sqlite: or postgres://",
        ));
    }
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(WrongSetting::new(
            "TENANTRY_DATABASE_URL",
            "an SQLite database in memory is another one for each connection; name a file",
        ));
    }
    Ok(url)
}

/// The role's name becomes part of statements, where it cannot be a parameter.
fn database_role(role: String) -> Result<String, WrongSetting> {
    let is_plain = role.starts_with(|first: char| first.is_ascii_lowercase())
        && role.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && role.len() <= 63;
    let words = "must be lower-case letters, digits and underscores, a letter first";
    if is_plain { Ok(role) } else { Err(WrongSetting::new("TENANTRY_DATABASE_ROLE", words)) }
}

fn database_connections(text: &str) -> Result<u32, WrongSetting> {
    text.parse().ok().filter(|number| (1..=1000).contains(number)).ok_or_else(|| {
        WrongSetting::new("TENANTRY_DATABASE_CONNECTIONS", format!("{text:?} is not 1 to 1000"))
    })
}

fn number(
    setting: &str,
    text: &str,
    range: std::ops::RangeInclusive<usize>,
) -> Result<usize, WrongSetting> {
    text.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
        let (least, most) = range.into_inner();
        WrongSetting::new(setting, format!("{text:?} is not {least} to {most}"))
    })
}

fn smtp(text: &str) -> Result<Smtp, WrongSetting> {
    let wrong = |what: &str| WrongSetting::new("TENANTRY_SMTP_URL", what);
    let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(wrong("names no host"))?;
    let host = host.trim_matches(['[', ']']).to_owned();
    let on_loopback =
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let parameters = || TlsParameters::new(host.clone()).map_err(|error| wrong(&error.to_string()));
    let (tls, port) = match url.scheme() {
        "smtps" => (Tls::Wrapper(parameters()?), 465),
        "smtp" if on_loopback => (Tls::None, 25),
        "smtp" => (Tls::Required(parameters()?), 587),
        _ => return Err(wrong("must start with smtp:// or smtps://")),
    };
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let credentials = (!url.username().is_empty()).then(|| {
        Credentials::new(decode(url.username()), decode(url.password().unwrap_or_default()))
    });
    let port = url.port().unwrap_or(port);
    Ok(Smtp { port, host, tls, credentials, timeout: SMTP_TIMEOUT })
}

fn mail_from(given: Option<&str>, base_url: &Url) -> Result<Mailbox, WrongSetting> {
    let text = match given.filter(|text| !text.is_empty()) {
        Some(text) => text.to_owned(),
        None => match base_url.host() {
            Some(Host::Domain(name)) => format!("Tenantry <no-reply@{name}>"),
            _ => "Tenantry <no-reply@localhost>".to_owned(),
        },
    };
    text.parse().map_err(|_| {
        WrongSetting::new("TENANTRY_MAIL_FROM", format!("{text:?} is not NAME <ADDRESS>"))
    })
}

fn password_min_length(text: &str) -> Result<usize, WrongSetting> {
    text.parse().ok().filter(|length| (8..=64).contains(length)).ok_or_else(|| {
        WrongSetting::new("TENANTRY_PASSWORD_MIN_LENGTH", format!("{text:?} is not 8 to 64"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Sample {
        #[command(flatten)]
        settings: Settings,
    }

    fn check(flags: &[&str]) -> Result<Config, String> {
        let flags = ["tenantry"].iter().chain(flags);
        Sample::try_parse_from(flags).unwrap().settings.check().map_err(|error| error.to_string())
    }

    #[test]
    fn the_defaults_serve_this_machine() {
        let config = check(&[]).unwrap();
        assert_eq!(config.origin(), "http://127.0.0.1:3000");
        assert!(config.is_loopback() && !config.is_https());
        assert_eq!(config.mail_from.to_string(), "Tenantry <no-reply@localhost>");
    }

    #[test]
    fn plain_http_beyond_loopback_must_be_insisted_on() {
        let public = ["--listen", "0.0.0.0:80", "--base-url", "http://app.example.test"];
        assert!(check(&public).err().unwrap().starts_with("TENANTRY_BASE_URL: plain http"));
        assert!(check(&[&public[..], &["--allow-http"]].concat()).is_ok());
        assert!(check(&["--listen", "0.0.0.0:80"]).err().unwrap().contains("is needed"));
        assert!(check(&["--listen", "0.0.0.0:80", "--base-url", "https://a.test"]).is_ok());
    }

    #[test]
    fn wrong_settings_are_named_in_one_line_without_secrets() {
        for (flags, setting) in [
            (["--listen", "here"], "TENANTRY_LISTEN"),
            (["--base-url", "ftp://x.test"], "TENANTRY_BASE_URL"),
            (["--base-url", "https://x.test/app"], "TENANTRY_BASE_URL"),
            (["--database-url", "mysql://u:secret@h/d"], "TENANTRY_DATABASE_URL"),
            (["--database-url", "sqlite::memory:"], "TENANTRY_DATABASE_URL"),
            (["--smtp-url", "http://u:secret@h"], "TENANTRY_SMTP_URL"),
            (["--mail-from", "not an address"], "TENANTRY_MAIL_FROM"),
            (["--password-min-length", "7"], "TENANTRY_PASSWORD_MIN_LENGTH"),
            (["--database-role", "a; drop table users"], "TENANTRY_DATABASE_ROLE"),
            (["--database-connections", "0"], "TENANTRY_DATABASE_CONNECTIONS"),
            (["--max-connections", "0"], "TENANTRY_MAX_CONNECTIONS"),
            (["--trusted-proxies", "all"], "TENANTRY_TRUSTED_PROXIES"),
        ] {
            let words = check(&flags).err().unwrap();
            assert!(words.starts_with(setting), "{words}");
            assert!(!words.contains('\n') && !words.contains("secret"), "{words}");
        }
    }

    #[test]
    fn the_mail_server_is_reached_encrypted_unless_it_is_on_this_machine() {
        let smtp = |url| check(&["--smtp-url", url]).unwrap().smtp.unwrap();
        assert!(matches!(smtp("smtp://u:p%40ss@mail.test").tls, Tls::Required(_)));
        assert!(matches!(smtp("smtps://mail.test").tls, Tls::Wrapper(_)));
        assert!(matches!(smtp("smtp://127.0.0.1:2525").tls, Tls::None));
        assert_eq!(smtp("smtp://mail.test").port, 587);
    }
}
