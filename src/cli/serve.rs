//! `tenantry serve` and `tenantry demo`.

use tokio::net::TcpListener;

use super::say::announce;
use super::{Outcome, hold, open_database, signals, wait};
use crate::core::operators::first;
use crate::platform::App;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::Db;
use crate::platform::sealed::{self, Closed, MissingKey};
use crate::platform::secrets::{Keyring, KeyringError};
use crate::{demo, server};

/// Serves until the process is asked to stop.
pub(super) async fn run(config: Config, with_demo: bool) -> Outcome {
    let stop = signals::listen();
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| format!("TENANTRY_LISTEN: cannot listen on {}: {error}", config.listen))?;
    let config = config.bound_to(listener.local_addr()?);
    wait::for_database(&config).await?;
    // Held until the process ends: two processes that serve one SQLite file would not see each
    // other's work.
    let held = hold(&config, if with_demo { "demo" } else { "serve" })?;
    let db = open_database(&config, held.as_ref()).await?;
    let keyring = open_keyring(&config, &db).await?;
    let app = App::new(db, Clock::System, config, keyring);
    if with_demo {
        let sign_in = demo::fill(&app).await?;
        announce(format_args!(
            "Sign in as {} with the password {}",
            sign_in.email, sign_in.password
        ));
        announce(format_args!("What to try is on {}", app.config.link(&sign_in.tour)));
    }
    let asked = stop.asked();
    announce(format_args!("Tenantry is at {}", app.config.origin()));
    if let Some(link) = first::at_start(&app).await? {
        announce(format_args!("{}\n{link}", first::WORDS));
    }
    if crate::platform::mail::outbox::has_mailbox(&app) {
        announce(format_args!("Mail lands in {}", app.config.link("/dev/mailbox")));
    } else if app.config.smtp.is_none() {
        announce("No mail server is set (TENANTRY_SMTP_URL): copy invitation links by hand");
    }
    server::run(app, listener, asked).await;
    drop(held);
    Ok(())
}

/// Loads the keyring, which must contain all keys that the database needs. Creates a new one if
/// nothing is sealed yet, or if the operator has given up what was.
async fn open_keyring(config: &Config, db: &Db) -> Outcome<Keyring> {
    let path = &config.secret_key_file;
    let wrong =
        |error: KeyringError| format!("TENANTRY_SECRET_KEY_FILE: {}: {error}", path.display());
    let there = Keyring::load(path).map_err(wrong)?;
    let now = Clock::System.now();
    let missing = sealed::missing_keys(db, there.as_ref(), now).await?;
    let (given_up, refused): (Vec<MissingKey>, Vec<MissingKey>) =
        missing.into_iter().partition(|key| key.is_given_up || config.lost_keys.contains(&key.id));
    if !refused.is_empty() {
        return Err(refusal(config, there.is_some(), &refused).into());
    }
    for key in &given_up {
        tracing::warn!(key = %key.id, sealed = %key.sealed, "a secret key is permanently lost");
    }
    let keyring = match there {
        Some(keyring) => keyring,
        None => Keyring::create(path).map_err(wrong)?,
    };
    sealed::use_keyring(db, &keyring, &given_up, now).await?;
    for Closed { column, id, key } in sealed::closed(db, &keyring).await? {
        tracing::error!(%column, %id, %key, "a sealed value does not open, although its key is \
                                             there");
    }
    Ok(keyring)
}

/// Which file to restore, and what is lost without it.
fn refusal(config: &Config, is_there: bool, missing: &[MissingKey]) -> String {
    let path = config.secret_key_file.display();
    let ids: Vec<String> = missing.iter().map(|key| key.id.to_string()).collect();
    let ids = ids.join(",");
    let what = match is_there {
        true => format!("{path} does not hold every key that this database needs."),
        false => format!("there is no {path}, and this database needs it."),
    };
    let sealed: String =
        missing.iter().map(|key| format!("\n  The key {} seals {}.", key.id, key.sealed)).collect();
    format!(
        "TENANTRY_SECRET_KEY_FILE: {what}{sealed}\n  \
         Put back the copy of the file that was kept apart from the backups; if it has been \
         changed since, put the lines of both into one file.\n  \
         If it is permanently lost, TENANTRY_LOST_KEYS={ids} starts without it, once. What it \
         sealed is lost: people whose app it sealed sign in with a recovery code or a passkey, or \
         are let in by an operator, and set up the app again; waiting emails are never sent; \
         invitations have to be sent again."
    )
}
