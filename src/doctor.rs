//! `tenantry doctor`: looks whether everything is as it should be, and says how to mend what is
//! not. It changes nothing.

use std::path::Path;
use std::time::Duration;

use crate::cli::{Outcome, say, sqlite_path};
use crate::config::{Config, Smtp};
use crate::platform::checkup::{Check, Verdict};
use crate::platform::clock::Clock;
use crate::platform::db::{Db, checkup};
use crate::platform::mail::try_server;
use crate::platform::passwords::Blocklist;
use crate::platform::secrets::Keyring;

/// How long the mail server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Prints a line for each check.
///
/// # Errors
/// When one of them failed.
pub async fn run(config: &Config) -> Outcome {
    let mut checks = vec![base_url(config), cookies(config)];
    checks.push(secret_key(&config.secret_key_file));
    checks.push(passwords(config));
    checks.push(places(config));
    checks.extend(database(config).await);
    checks.push(mail(config).await);
    for check in &checks {
        say(check);
    }
    match checks.iter().filter(|check| check.verdict == Verdict::Fail).count() {
        0 => Ok(()),
        1 => Err("1 check failed".into()),
        failed => Err(format!("{failed} checks failed").into()),
    }
}

fn base_url(config: &Config) -> Check {
    const ABOUT: &str = "base URL";
    let origin = config.origin();
    if config.is_https() {
        Check::ok(ABOUT, format!("People reach it at {origin}, encrypted."))
    } else if config.is_loopback() {
        Check::ok(ABOUT, format!("{origin} is reached on this machine only."))
    } else {
        Check::fail(
            ABOUT,
            format!("{origin} is plain http: passwords and sessions travel readable."),
            "Put a proxy that ends TLS in front of it, and set TENANTRY_BASE_URL=https://….",
        )
    }
}

fn cookies(config: &Config) -> Check {
    const ABOUT: &str = "cookies";
    if config.is_https() {
        Check::ok(ABOUT, "They are Secure, HttpOnly and for this host alone.")
    } else if config.is_loopback() {
        Check::ok(ABOUT, "They are HttpOnly, and not Secure: they stay on this machine.")
    } else {
        Check::fail(
            ABOUT,
            "They cannot be Secure over plain http: whoever listens takes a session over.",
            "The same as for the base URL.",
        )
    }
}

fn secret_key(path: &Path) -> Check {
    const ABOUT: &str = "secret key";
    let shown = path.display();
    if !path.exists() {
        return Check::warn(
            ABOUT,
            format!("There is no {shown} yet."),
            "`tenantry serve` makes it, unless something in the database needs one from before.",
        );
    }
    if let Err(error) = Keyring::load(path) {
        return Check::fail(
            ABOUT,
            format!("{shown}: {error}."),
            "Restore it from the backup, readable for the service.",
        );
    }
    if is_open_to_others(path) {
        return Check::fail(
            ABOUT,
            format!("Others can read {shown}."),
            format!("chmod 600 {shown}"),
        );
    }
    Check::ok(ABOUT, format!("{shown} is there, and its owner's alone."))
}

fn passwords(config: &Config) -> Check {
    let common = Blocklist::common_entries();
    let own = match config.password_blocklist.own_entries() {
        0 => "and no list of your own (TENANTRY_PASSWORD_BLOCKLIST)".to_owned(),
        own => format!("and none of the {own} in TENANTRY_PASSWORD_BLOCKLIST"),
    };
    let least = config.password_min_length;
    Check::ok(
        "passwords",
        format!("At least {least} characters, none of {common} common ones, {own}."),
    )
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> bool {
    false
}

/// A file that cannot be read is a wrong setting before any check is made.
fn places(config: &Config) -> Check {
    const ABOUT: &str = "places";
    Check::ok(
        ABOUT,
        match &config.places {
            Some(places) => format!("Addresses are looked up in {places}."),
            None => "No file is set (TENANTRY_PLACES_FILE): the list of sign-ins shows addresses \
                     without a city."
                .to_owned(),
        },
    )
}

async fn database(config: &Config) -> Vec<Check> {
    const ABOUT: &str = "database";
    // Opening it would make it.
    if let Some(path) = sqlite_path(&config.database_url).filter(|path| !Path::new(path).exists()) {
        let what = format!("There is no file {path}.");
        return vec![Check::fail(ABOUT, what, "tenantry migrate")];
    }
    let db = match Db::connect_with(&config.database_url, config.database_connections.max(2)).await
    {
        Ok(db) => db,
        Err(error) => {
            return vec![Check::fail(
                ABOUT,
                format!("It cannot be reached: {error}."),
                "See that it runs, that TENANTRY_DATABASE_URL names it, and that the password fits; \
                 PgBouncer needs ignore_startup_parameters = options.",
            )];
        }
    };
    let mut checks = vec![Check::ok(ABOUT, "It can be reached.")];
    let keyring = Keyring::load(&config.secret_key_file).ok().flatten();
    match checkup::examine(&db, keyring.as_ref(), || Clock::System.now()).await {
        Ok(more) => checks.extend(more),
        Err(error) => checks.push(Check::fail(
            ABOUT,
            format!("It stopped answering: {error}."),
            "See its log.",
        )),
    }
    db.close().await;
    checks
}

async fn mail(config: &Config) -> Check {
    const ABOUT: &str = "mail";
    let Some(smtp) = &config.smtp else {
        let what = if config.is_loopback() && config.listen.ip().is_loopback() {
            "No mail server is set: mail lands in /dev/mailbox."
        } else {
            "No mail server is set: invitation links are copied by hand, and nobody resets a password."
        };
        return Check::warn(ABOUT, what, "Set TENANTRY_SMTP_URL.");
    };
    let smtp = Smtp { timeout: smtp.timeout.min(PATIENCE), ..smtp.clone() };
    let server = format!("{}:{}", smtp.host, smtp.port);
    match try_server(&smtp).await {
        Ok(()) => Check::ok(ABOUT, format!("{server} lets us in.")),
        Err(words) => Check::fail(
            ABOUT,
            format!("{server}: {words}."),
            "See that TENANTRY_SMTP_URL names the right server, port, user and password.",
        ),
    }
}
