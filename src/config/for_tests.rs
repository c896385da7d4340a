//! Settings as tests need them: what only they change has its own `with_…`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use lettre::transport::smtp::client::Tls;
use url::Url;

use super::{Config, DATABASE_ROLE, LogFormat, SignUp, Smtp};
use crate::platform::db::CONNECTIONS;
use crate::platform::passwords::Blocklist;
use crate::platform::places::Places;
use crate::platform::throttle::Limits;
use crate::platform::web::limits::Timeouts;

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
            lost_keys: Vec::new(),
            password_min_length: 12,
            sign_up: SignUp::Open,
            password_blocklist: Blocklist::default(),
            max_connections: 1000,
            trusted_proxies: 0,
            places: None,
            log_format: LogFormat::Text,
            timeouts: Timeouts::default(),
            // Everybody in a test comes from the same address, many at the same moment.
            throttle: Limits { per_account: 1000, per_network: 10_000, ..Limits::default() },
        }
    }

    /// With another rule for passwords, for tests.
    #[must_use]
    pub fn with_passwords(self, min_length: usize, blocklist: Blocklist) -> Self {
        Self { password_min_length: min_length, password_blocklist: blocklist, ..self }
    }

    /// With a mail server that is waited for so long, for tests.
    #[must_use]
    pub fn with_smtp_timeout(self, timeout: Duration) -> Self {
        Self { smtp: self.smtp.map(|smtp| Smtp { timeout, ..smtp }), ..self }
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

    /// With a file that says where addresses are, for tests.
    #[must_use]
    pub fn with_places(self, places: Places) -> Self {
        Self { places: Some(places), ..self }
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

    /// Where nobody is in before their address is proved, for tests.
    #[must_use]
    pub fn with_sign_up(self, sign_up: SignUp) -> Self {
        Self { sign_up, ..self }
    }

    /// Without a mail server, for tests.
    #[must_use]
    pub fn without_smtp(self) -> Self {
        Self { smtp: None, ..self }
    }
}
