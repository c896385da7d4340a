//! Every setting, declared once. After a change, run
//! `tenantry config --markdown > docs/settings.md`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use lettre::message::Mailbox;
use url::Url;

use super::DATABASE_ROLE;
use super::check::{self, Authorities, SmtpUrl};
use super::setting::{Default, Kind, Setting, settings, words};
use super::values::Reader;
use crate::platform::db::Pooler;
use crate::platform::domains::Domains;
use crate::platform::passwords::Blocklist;
use crate::platform::places::Places;
use crate::platform::secrets::KeyId;

settings! {
    /// A file of settings, one `NAME=VALUE` per line, as systemd's `EnvironmentFile` reads them.
    /// The environment wins over it.
    plain env_file: Option<PathBuf> = "TENANTRY_ENV_FILE",
        otherwise "", check::path;

    /// Address and port to listen on.
    plain listen: SocketAddr = "TENANTRY_LISTEN",
        default "127.0.0.1:3000", check::listen;

    /// The URL that people type to reach it; links in emails start with it. A request's `Host` does
    /// not count.
    plain base_url: Option<Url> = "TENANTRY_BASE_URL",
        otherwise "`http://` and the listen address, on loopback", check::base_url;

    /// The database: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
    secret database_url: String = "TENANTRY_DATABASE_URL",
        default "sqlite:data/tenantry.db", check::database_url;

    /// The database role that the service connects as, on PostgreSQL; `tenantry migrate` creates
    /// it.
    plain database_role: String = "TENANTRY_DATABASE_ROLE",
        default DATABASE_ROLE, check::database_role;

    /// Connections to PostgreSQL, or readers of SQLite, at most, 1 to 1000.
    plain database_connections: u32 = "TENANTRY_DATABASE_CONNECTIONS",
        default "16", |text| check::number(text, 1..=1000);

    /// What is in front of PostgreSQL.
    choice database_pooler: Pooler = "TENANTRY_DATABASE_POOLER",
        default "detect", check::choice;

    /// How many seconds `tenantry serve` waits when it starts for a PostgreSQL that cannot be
    /// reached yet, 0 to 3600. A wrong password, an unknown database or refused TLS ends it at
    /// once.
    plain database_wait: Duration = "TENANTRY_DATABASE_WAIT",
        default "60", |text| check::seconds(text, 0..=3600);

    /// The mail server: `smtp://USER:PASSWORD@HOST:587` (STARTTLS, required unless on loopback) or
    /// `smtps://…`; without it, mail lands in `/dev/mailbox` where the base URL is a loopback
    /// address. Elsewhere every email fails, with the reason; invitation links can be copied by
    /// hand.
    secret smtp_url: Option<SmtpUrl> = "TENANTRY_SMTP_URL",
        otherwise "", check::smtp_url;

    /// Who may have signed the mail server's certificate: `system` for the authorities that this
    /// machine trusts, or a file with certificates in PEM. On loopback, setting it makes STARTTLS
    /// required and checked.
    plain smtp_ca: Option<Authorities> = "TENANTRY_SMTP_CA",
        otherwise "Mozilla's list", check::smtp_ca;

    /// The sender of every email.
    plain sender: Option<Mailbox> = "TENANTRY_MAIL_FROM",
        otherwise "`Tenantry <no-reply@HOST>`, of the base URL", check::mail_from;

    /// The keys that seal secrets at rest, one base64 line each, the first in use; created when
    /// missing. Anyone who has the database and this file can read the mail that is waiting.
    plain secret_key_file: PathBuf = "TENANTRY_SECRET_KEY_FILE",
        default "data/secret.key", check::path;

    /// Ids of secret keys, separated by commas, that are permanently lost: `serve` starts without
    /// them, and what they sealed stays lost. It names them when it refuses to start.
    plain lost_keys: Vec<KeyId> = "TENANTRY_LOST_KEYS",
        default "", check::lost_keys;

    /// Whether people can sign up themselves, and when someone who does is in.
    choice sign_up: SignUp = "TENANTRY_SIGN_UP",
        default "open", check::choice;

    /// The domains at which people can sign up themselves, separated by commas: `example.org` is
    /// that domain alone, `*.example.org` all below it. If empty, any address will do. It needs
    /// `TENANTRY_SIGN_UP=confirm`. Invitations are not bound by it.
    plain sign_up_domains: Domains = "TENANTRY_SIGN_UP_DOMAINS",
        default "", str::parse;

    /// Who creates organizations.
    choice founders: Founders = "TENANTRY_FOUNDERS",
        default "everybody", check::choice;

    /// The shortest password that is accepted, in characters, 8 to 64. NIST SP 800-63B-4 asks for
    /// 15 where the password is the only factor.
    plain password_min_length: usize = "TENANTRY_PASSWORD_MIN_LENGTH",
        default "12", |text| check::number(text, 8..=64);

    /// A file of passwords that are refused, one per line, in addition to the common ones.
    plain password_blocklist: Blocklist = "TENANTRY_PASSWORD_BLOCKLIST",
        default "", check::blocklist;

    /// Serve plain http beyond loopback: passwords and sessions are sent unencrypted.
    switch allow_http: bool = "TENANTRY_ALLOW_HTTP",
        default "false", check::switch;

    /// Connections that are open at once, at most, 1 to 100000; more are answered with 503.
    plain max_connections: usize = "TENANTRY_MAX_CONNECTIONS",
        default "1000", |text| check::number(text, 1..=100_000);

    /// How many proxies are in front of it, 0 to 10: that many entries at the end of
    /// `X-Forwarded-For` are trusted, and the first of these is the client's address. No other
    /// forwarding header counts.
    plain trusted_proxies: usize = "TENANTRY_TRUSTED_PROXIES",
        default "0", |text| check::number(text, 0..=10);

    /// A file in the MaxMind DB format that says in which city and country an address is, for the
    /// list of sign-ins; without it the list shows the address alone. It is read once, at the
    /// start. No address leaves the machine.
    plain places: Option<Places> = "TENANTRY_PLACES_FILE",
        otherwise "", check::places;

    /// Where people report a weakness of this installation: a `mailto:` or `https://` URL, which is
    /// published in `/.well-known/security.txt`. Without it there is no such file.
    plain security_contact: Option<Url> = "TENANTRY_SECURITY_CONTACT",
        otherwise "", check::security_contact;

    /// The folder for backups. On SQLite the service makes them itself; on PostgreSQL
    /// `tenantry backup` does, run with the owner's URL. Without a folder, none are made unless a
    /// file is named.
    plain backup_folder: Option<PathBuf> = "TENANTRY_BACKUP_FOLDER",
        otherwise "", check::path;

    /// How old the newest backup may get before the next one is made, in hours, 1 to 744.
    plain backup_every: u32 = "TENANTRY_BACKUP_EVERY",
        default "24", |text| check::number(text, 1..=744);

    /// How many backups are kept in the folder, 1 to 10000.
    plain backup_keep: usize = "TENANTRY_BACKUP_KEEP",
        default "14", |text| check::number(text, 1..=10_000);

    /// The empty database that `tenantry move-database` copies everything into, on PostgreSQL with
    /// the URL of its owner.
    secret target_database_url: Option<String> = "TENANTRY_TARGET_DATABASE_URL",
        otherwise "", check::database_url;

    /// How the log is written to standard error. `RUST_LOG` chooses what is in it.
    choice log_format: LogFormat = "TENANTRY_LOG_FORMAT",
        default "text", check::choice;

    /// Which requests get a line in the log; refusals, failures and slow answers always do.
    choice log_requests: LogRequests = "TENANTRY_LOG_REQUESTS",
        default "refused", check::choice;

    /// After how many milliseconds an answer counts as slow, and is logged; 0 for never.
    plain log_slow_requests: Option<Duration> = "TENANTRY_LOG_SLOW_REQUESTS",
        default "2000", check::milliseconds;

    /// After how many milliseconds a database statement counts as slow, and is logged; 0 for never.
    plain log_slow_statements: Option<Duration> = "TENANTRY_LOG_SLOW_STATEMENTS",
        default "1000", check::milliseconds;

    /// How many days the log of an organization that is gone is kept after its newest entry, until
    /// `tenantry audit purge` removes it.
    plain audit_retention_days: u32 = "TENANTRY_AUDIT_RETENTION_DAYS",
        default "365", |text| check::number(text, 0..=1_000_000);
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Which requests get a line in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogRequests {
    /// Those that were refused, failed or were slow.
    Refused,
    /// Every one.
    All,
}

/// When somebody who signs up is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SignUp {
    /// At once; the address is confirmed later. Someone who signs up with a taken address finds out
    /// that they are not in.
    Open,
    /// After an emailed link has confirmed the address: nobody learns who has an account.
    Confirm,
    /// Nobody can sign up: accounts come from invitations and operators.
    Closed,
}

/// Who creates organizations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Founders {
    /// Everyone with an account; signing up creates one.
    Everybody,
    /// Only operators, who then invite an owner.
    Operators,
}
