//! `tenantry keys`: shows what each secret key is needed for, and changes keys.

use std::collections::BTreeMap;

use clap::Subcommand;
use time::Duration;

use super::{Outcome, count, open_database, say};
use crate::platform::App;
use crate::platform::backup::folder::Schedule;
use crate::platform::clock::{Clock, Timestamp};
use crate::platform::config::Config;
use crate::platform::db::Db;
use crate::platform::sealed::{self, KnownKey, Resealed, Sealed};
use crate::platform::secrets::{KeyId, Keyring};

/// How long a key must have been the first before an older one may be removed: by then every
/// process has read the file again.
const TAKING_UP: Duration = Duration::minutes(2);

/// What can be done about the secret keys.
#[derive(Clone, Subcommand)]
pub(super) enum Command {
    /// Print the keys, with what each of them is still needed for; the exit code is 1 if one is
    /// missing.
    Status,
    /// Put a new key above the others in TENANTRY_SECRET_KEY_FILE: it seals from then on, and the
    /// older ones still open what they have sealed.
    New,
    /// Reseal everything with the first key. If interrupted, it resumes where it stopped.
    Reseal,
    /// Remove a key that nothing needs any longer from TENANTRY_SECRET_KEY_FILE.
    Retire {
        /// The id of the key, as `status` shows it.
        key: KeyId,
        /// Even while backups in TENANTRY_BACKUP_FOLDER need it: a copy of the key file is kept
        /// elsewhere for as long as they are.
        #[arg(long)]
        despite_backups: bool,
    },
}

/// Runs the command, whether or not the service is running.
pub(super) async fn run(config: Config, command: Command) -> Outcome {
    let db = open_database(&config, None).await?;
    let path = config.secret_key_file.display().to_string();
    let keyring = Keyring::load(&config.secret_key_file)
        .map_err(|error| format!("TENANTRY_SECRET_KEY_FILE: {path}: {error}"))?
        .ok_or_else(|| format!("TENANTRY_SECRET_KEY_FILE: there is no {path}"))?;
    let backups = config.backups();
    let app = App::new(db.clone(), Clock::System, config, keyring.clone());
    let outcome = match command {
        Command::Status => status(&db, &keyring).await,
        Command::New => new(&db, &keyring).await,
        Command::Reseal => reseal(&app, &db).await,
        Command::Retire { key, despite_backups } => {
            let backups = backups.filter(|_| !despite_backups);
            retire(&db, &keyring, key, backups).await
        }
    };
    app.close().await;
    outcome
}

async fn status(db: &Db, keyring: &Keyring) -> Outcome {
    let uses = sealed::uses(db, now()).await?;
    let known = sealed::used(db).await?;
    let ids = keyring.ids();
    for id in &ids {
        say(format_args!("{id}  {}", standing(*id, keyring, &known, &uses)));
    }
    let mut missing = 0;
    for (id, sealed) in uses.iter().filter(|(id, _)| !ids.contains(id)) {
        let is_given_up = known.iter().any(|key| key.id == *id && key.lost_at.is_some());
        missing += u64::from(!is_given_up);
        let word = if is_given_up { "given up" } else { "MISSING" };
        say(format_args!("{id}  {word}; it seals {sealed}"));
    }
    match missing {
        0 => Ok(()),
        missing => Err(format!("{} missing", count(missing, "key is", "keys are")).into()),
    }
}

/// What a key in the file is used for.
fn standing(
    id: KeyId,
    keyring: &Keyring,
    known: &[KnownKey],
    uses: &BTreeMap<KeyId, Sealed>,
) -> String {
    let is_first = id == keyring.first();
    let since = known.iter().find(|key| key.id == id).map(|key| key.used_since.rfc3339());
    let place = match (is_first, since) {
        (true, Some(since)) => format!("seals since {since}"),
        (true, None) => "will seal as soon as the service has noticed it".to_owned(),
        (false, _) => "only opens".to_owned(),
    };
    match (uses.get(&id), is_first) {
        (Some(sealed), _) => format!("{place}; it has sealed {sealed}"),
        (None, true) => place,
        (None, false) if is_taken_up(keyring, known) => {
            format!("{place}; nothing needs it: tenantry keys retire {id}")
        }
        (None, false) => format!(
            "{place}; nothing needs it once every service has picked up the first one, in two \
             minutes"
        ),
    }
}

/// Whether every running service now seals with the first key; before that, one may still seal with
/// the previous key.
fn is_taken_up(keyring: &Keyring, known: &[KnownKey]) -> bool {
    let first = known.iter().find(|key| key.id == keyring.first());
    first.is_some_and(|first| now() >= first.used_since.plus(TAKING_UP))
}

async fn new(db: &Db, keyring: &Keyring) -> Outcome {
    let id = keyring.put_first()?;
    sealed::note_first(db, keyring, now()).await?;
    say(format_args!(
        "The key {id} is now the first; running services pick it up within a minute. Save the \
         file, then: tenantry keys reseal"
    ));
    Ok(())
}

async fn reseal(app: &App, db: &Db) -> Outcome {
    sealed::note_first(db, &app.keyring, now()).await?;
    let Resealed { apps, mails, links, join_links, closed } = sealed::reseal(app).await?;
    let apps = count(apps, "authenticator app", "authenticator apps");
    let mails = count(mails, "mail", "mails");
    let links = count(links, "invitation link", "invitation links");
    let join_links = count(join_links, "join link", "join links");
    let first = app.keyring.first();
    say(format_args!("Resealed with the key {first}: {apps}, {mails}, {links}, {join_links}."));
    match closed {
        0 => Ok(()),
        closed => Err(format!(
            "{} not be opened: `tenantry keys status` says which key is missing",
            count(closed, "value could", "values could")
        )
        .into()),
    }
}

async fn retire(db: &Db, keyring: &Keyring, id: KeyId, backups: Option<Schedule>) -> Outcome {
    if !keyring.ids().contains(&id) {
        return Err(format!("{id}: there is no such key in the file").into());
    }
    if id == keyring.first() {
        return Err(format!("{id} is the first key, which seals: tenantry keys new").into());
    }
    if let Some(sealed) = sealed::uses(db, now()).await?.get(&id) {
        return Err(format!("{id} has sealed {sealed}: tenantry keys reseal").into());
    }
    if !is_taken_up(keyring, &sealed::used(db).await?) {
        return Err(
            "the first key is new: in two minutes every running service will have picked it up, \
             and nothing is sealed with the old one any longer"
                .into(),
        );
    }
    if let Some(backups) = backups {
        spare_backups(&backups, id).await?;
    }
    keyring.take_out(id)?;
    say(format_args!("The key {id} is no longer in the file."));
    Ok(())
}

/// Refuses if backups still need the key: restoring one needs the keys of its time.
async fn spare_backups(backups: &Schedule, id: KeyId) -> Outcome {
    let needing = backups.needing(id).await.map_err(|error| {
        format!("{error}. It may need {id}: look at it, or say --despite-backups")
    })?;
    let Some(newest) = needing.last() else { return Ok(()) };
    Err(format!(
        "{} the key {id} (the newest: {}). Keep a copy of the key file somewhere else for as long \
         as there are such backups; then: tenantry keys retire {id} --despite-backups",
        count(needing.len() as u64, "backup still needs", "backups still need"),
        newest.display()
    )
    .into())
}

fn now() -> Timestamp {
    Clock::System.now()
}
