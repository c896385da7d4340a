//! Settings for tests: each part that only tests change has its own `with_…`.

use std::net::SocketAddr;
use std::time::Duration;

use argon2::Params;
use lettre::transport::smtp::client::Tls;
use url::Url;

use super::{Config, Flags, Settings, SignUp, Smtp, Values};
use crate::platform::passwords::Blocklist;
use crate::platform::places::Places;
use crate::platform::throttle::Limits;
use crate::platform::web::limits::Timeouts;

impl Config {
    /// Settings for tests: the defaults, with everything on loopback, and mail sent to `smtp_port`
    /// if there is one.
    ///
    /// # Panics
    /// Never: the defaults and the constants here are valid.
    pub fn for_tests(database_url: String, smtp_port: Option<u16>) -> Self {
        let nothing_is_set = Values::gather_from(Flags::default(), []);
        let config = nothing_is_set.check().expect("the defaults are right");
        let smtp = smtp_port.map(|port| Smtp {
            host: "127.0.0.1".to_owned(),
            port,
            tls: Tls::None,
            credentials: None,
            timeout: Duration::from_secs(1),
        });
        let settings = Settings {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            database_url,
            secret_key_file: "".into(),
            ..config.settings
        };
        Self {
            settings,
            base_url: Url::parse("http://127.0.0.1:0").expect("a URL"),
            smtp,
            mail_from: "Tenantry <no-reply@tenantry.test>".parse().expect("a mailbox"),
            timeouts: Timeouts::default(),
            // All requests in a test come from the same address, many at the same moment.
            throttle: Limits { per_account: 1000, per_network: 10_000, ..Limits::default() },
            // They sign in thousands of times.
            password_cost: Params::new(256, 1, 1, None).expect("a cost"),
        }
    }

    /// Changes individual settings.
    #[must_use]
    pub fn with_settings(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Changes the rules for passwords.
    #[must_use]
    pub fn with_passwords(self, min_length: usize, blocklist: Blocklist) -> Self {
        self.with_settings(|settings| {
            settings.password_min_length = min_length;
            settings.password_blocklist = blocklist;
        })
    }

    /// Changes how long the mail server may take.
    #[must_use]
    pub fn with_smtp_timeout(self, timeout: Duration) -> Self {
        Self { smtp: self.smtp.map(|smtp| Smtp { timeout, ..smtp }), ..self }
    }

    /// Changes the base URL.
    #[must_use]
    pub fn with_base_url(self, base_url: Url) -> Self {
        Self { base_url, ..self }
    }

    /// Sets the number of trusted proxies.
    #[must_use]
    pub fn behind_proxies(self, trusted_proxies: usize) -> Self {
        self.with_settings(|settings| settings.trusted_proxies = trusted_proxies)
    }

    /// Sets the file with the locations of addresses.
    #[must_use]
    pub fn with_places(self, places: Places) -> Self {
        self.with_settings(|settings| settings.places = Some(places))
    }

    /// Sets the number of connections that may be open at once.
    #[must_use]
    pub fn with_connections(self, max_connections: usize) -> Self {
        self.with_settings(|settings| settings.max_connections = max_connections)
    }

    /// Changes the time limits for clients.
    #[must_use]
    pub fn with_timeouts(self, timeouts: Timeouts) -> Self {
        Self { timeouts, ..self }
    }

    /// Changes the limits on attempts.
    #[must_use]
    pub fn with_throttle(self, throttle: Limits) -> Self {
        Self { throttle, ..self }
    }

    /// With another cost of hashing a password, for tests.
    #[must_use]
    pub fn with_password_cost(self, password_cost: Params) -> Self {
        Self { password_cost, ..self }
    }

    /// Changes who may sign up.
    #[must_use]
    pub fn with_sign_up(self, sign_up: SignUp) -> Self {
        self.with_settings(|settings| settings.sign_up = sign_up)
    }

    /// Removes the mail server.
    #[must_use]
    pub fn without_smtp(self) -> Self {
        Self { smtp: None, ..self }
    }
}
