//! Finds out why PostgreSQL cannot be reached, and whether waiting helps: a pool hides the reason
//! behind its own timeout.

use std::error::Error as _;
use std::io;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, Error};

/// How long one attempt may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why the database cannot be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreachable {
    /// Its address, without a password.
    pub place: String,
    /// The system's or the server's words.
    pub cause: String,
    /// How to fix it.
    pub mend: &'static str,
    /// Whether it may resolve itself in a moment, for example while the server starts.
    pub passes: bool,
}

impl std::fmt::Display for Unreachable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}. {}", self.place, self.cause, self.mend)
    }
}

/// Connects once to the database at `url`, and disconnects. SQLite is a file, so this always
/// succeeds.
///
/// # Errors
/// Why it cannot be reached.
pub async fn reach(url: &str) -> Result<(), Unreachable> {
    if url.starts_with("sqlite:") {
        return Ok(());
    }
    let options = match PgConnectOptions::from_str(url) {
        // Poolers may refuse this setting.
        Ok(options) => options.application_name("tenantry").extra_float_digits(None),
        Err(error) => return Err(unreachable("the database".to_owned(), &error)),
    };
    let place = place(&options);
    match tokio::time::timeout(PATIENCE, options.connect()).await {
        Ok(Ok(connection)) => {
            // It was reached, even if closing fails.
            let _closed = tokio::time::timeout(PATIENCE, connection.close()).await;
            Ok(())
        }
        Ok(Err(error)) => Err(unreachable(place, &error)),
        Err(_) => Err(Unreachable {
            place,
            cause: format!("no answer within {} seconds", PATIENCE.as_secs()),
            mend: AWAY,
            passes: true,
        }),
    }
}

fn place(options: &PgConnectOptions) -> String {
    let name = options.get_database().unwrap_or(options.get_username());
    let port = options.get_port();
    match options.get_socket() {
        Some(socket) => format!("the database {name} at {} (port {port})", socket.display()),
        None => format!("the database {name} at {}:{port}", options.get_host()),
    }
}

const AWAY: &str = "Check that it is running, and that TENANTRY_DATABASE_URL names its host and \
                    port.";

fn unreachable(place: String, error: &Error) -> Unreachable {
    let (cause, mend, passes) = match error {
        Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            (error.message().to_owned(), mend(&code), is_passing(&code))
        }
        Error::Io(error) if is_about_certificates(error) => (error.to_string(), CERTIFICATE, false),
        Error::Io(error) => (error.to_string(), AWAY, true),
        Error::Tls(error) => (error.to_string(), ENCRYPTION, false),
        Error::Configuration(error) => (error.to_string(), "Correct TENANTRY_DATABASE_URL.", false),
        error => (error.to_string(), AWAY, false),
    };
    Unreachable { place, cause, mend, passes }
}

const ENCRYPTION: &str = "On another machine it is reached with TLS (sslmode=verify-full): turn it \
                          on there (ssl = on), or write sslmode=disable if the network in between \
                          is trusted.";

const CERTIFICATE: &str = "Its certificate must be for the host that TENANTRY_DATABASE_URL names; \
     sslrootcert=FILE after the URL's ? names a certificate authority of your own.";

fn is_about_certificates(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidData
        || error.get_ref().is_some_and(|inner| inner.to_string().contains("certificate"))
        || error.source().is_some_and(|source| source.to_string().contains("certificate"))
}

/// What the operator can do about an answer of the server, by its SQLSTATE.
fn mend(code: &str) -> &'static str {
    match code {
        "28P01" => {
            "Put the password of that role into TENANTRY_DATABASE_URL; to set another: alter role \
             … password '…';"
        }
        "28000" => {
            "Check that the role exists (`tenantry migrate` with the owner's URL creates the \
             service's), may log in, and is let in by pg_hba.conf."
        }
        "3D000" => {
            "Check that TENANTRY_DATABASE_URL names the right database, or create it: create \
             database … owner …;"
        }
        "42501" => "grant connect on database … to …; lets the role in.",
        _ if is_passing(code) => "It may be starting or full: see its log, and max_connections.",
        _ => "See its log, or that of the pooler in front of it.",
    }
}

/// Whether it may resolve itself: a server that starts, stops or has no free connection.
fn is_passing(code: &str) -> bool {
    code == "53300" || code.starts_with("57P") || code.starts_with("08")
}
