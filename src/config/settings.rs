//! Every setting: its flag, its environment variable, its default, and one sentence about it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::check::{
    base_url, blocklist, database_role, database_url, lost_keys, mail_from, number, places, smtp,
};
use super::{Config, DATABASE_ROLE, WrongSetting, is_loopback};
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

    /// Ids of secret keys, with commas between them, that are gone for good: `serve` starts without
    /// them, and what they sealed stays lost. It names them when it refuses to start.
    #[arg(long, global = true, env = "TENANTRY_LOST_KEYS", default_value = "")]
    lost_keys: String,

    /// The shortest password that is taken, in characters, 8 to 64.
    #[arg(long, global = true, env = "TENANTRY_PASSWORD_MIN_LENGTH", default_value = "12")]
    password_min_length: String,

    /// When somebody who signs up is in.
    #[arg(long, global = true, env = "TENANTRY_SIGN_UP", default_value = "open")]
    sign_up: SignUp,

    /// A file of passwords that are not taken, one a line, beside the common ones.
    #[arg(long, global = true, env = "TENANTRY_PASSWORD_BLOCKLIST")]
    password_blocklist: Option<String>,

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

    /// A file in the MaxMind DB format that says in which city and country an address is, for the
    /// list of sign-ins; without it the list shows the address alone. Read once, at the start.
    #[arg(long, global = true, env = "TENANTRY_PLACES_FILE")]
    places_file: Option<String>,

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

/// When somebody who signs up is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SignUp {
    /// At once; the address is proved later. Who signs up with a taken address finds out that they
    /// are not.
    Open,
    /// After a mailed link has proved the address: nobody learns who has an account.
    Confirm,
}

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
            database_connections: number(
                "TENANTRY_DATABASE_CONNECTIONS",
                &self.database_connections,
                1..=1000,
            )?,
            smtp,
            secret_key_file: self.secret_key_file,
            lost_keys: lost_keys(&self.lost_keys)?,
            password_min_length: number(
                "TENANTRY_PASSWORD_MIN_LENGTH",
                &self.password_min_length,
                8..=64,
            )?,
            sign_up: self.sign_up,
            password_blocklist: blocklist(self.password_blocklist.as_deref())?,
            max_connections: number(
                "TENANTRY_MAX_CONNECTIONS",
                &self.max_connections,
                1..=100_000,
            )?,
            trusted_proxies: number("TENANTRY_TRUSTED_PROXIES", &self.trusted_proxies, 0..=10)?,
            places: places(self.places_file.as_deref().filter(|path| !path.is_empty()))?,
            log_format: self.log_format,
            timeouts: Timeouts::default(),
            throttle: Limits::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use lettre::transport::smtp::client::Tls;

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
            (
                ["--password-blocklist", "no/such/file"],
                "TENANTRY_PASSWORD_BLOCKLIST: no/such/file: ",
            ),
            (["--database-role", "a; drop table users"], "TENANTRY_DATABASE_ROLE"),
            (["--database-connections", "0"], "TENANTRY_DATABASE_CONNECTIONS"),
            (["--max-connections", "0"], "TENANTRY_MAX_CONNECTIONS"),
            (["--trusted-proxies", "all"], "TENANTRY_TRUSTED_PROXIES"),
            (["--places-file", "/nowhere/places.mmdb"], "TENANTRY_PLACES_FILE"),
            (["--places-file", "Cargo.toml"], "TENANTRY_PLACES_FILE"),
            (["--lost-keys", "1a2b3c4d,all"], "TENANTRY_LOST_KEYS: \"all\""),
        ] {
            let words = check(&flags).err().unwrap();
            assert!(words.starts_with(setting), "{words}");
            assert!(!words.contains('\n') && !words.contains("secret"), "{words}");
        }
    }

    #[test]
    fn asvs_12_3_1_the_mail_server_is_reached_encrypted_unless_it_is_on_this_machine() {
        let smtp = |url| check(&["--smtp-url", url]).unwrap().smtp.unwrap();
        assert!(matches!(smtp("smtp://u:p%40ss@mail.test").tls, Tls::Required(_)));
        assert!(matches!(smtp("smtps://mail.test").tls, Tls::Wrapper(_)));
        assert!(matches!(smtp("smtp://127.0.0.1:2525").tls, Tls::None));
        assert_eq!(smtp("smtp://mail.test").port, 587);
    }

    #[test]
    fn asvs_12_3_1_the_database_is_reached_verified_unless_it_is_on_this_machine() {
        fn url(url: &str) -> Result<String, String> {
            check(&["--database-url", url]).map(|config| config.database_url)
        }
        for here in ["postgres://u@127.0.0.1/d", "postgres://u@[::1]/d", "postgres:///d?host=/run"]
        {
            assert_eq!(url(here).unwrap(), here);
        }
        let far = "postgres://u:p%40ss@db.test:5433/d";
        assert_eq!(url(far).unwrap(), format!("{far}?sslmode=verify-full"));
        for mode in ["verify-ca", "disable"] {
            let far = format!("{far}?sslmode={mode}");
            assert_eq!(url(&far).unwrap(), far);
        }
        for mode in ["prefer", "allow", "require"] {
            let words = url(&format!("{far}?sslmode={mode}")).unwrap_err();
            assert!(words.starts_with("TENANTRY_DATABASE_URL: sslmode must be"), "{words}");
            assert!(!words.contains("ss@"), "{words}");
        }
    }
}
