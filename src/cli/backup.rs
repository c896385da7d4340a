//! `tenantry backup`, `tenantry restore` and `tenantry move-database`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, Subcommand};

use super::{Outcome, connect, count, hold, must_exist, say, sqlite_path};
use crate::platform::backup::{self, BackupError, Made, Manifest, SAME, Target};
use crate::platform::clock::Clock;
use crate::platform::config::{Config, checked_database_url};
use crate::platform::db::{Db, Engine, Hold};
use crate::platform::disk::bytes;
use crate::platform::secrets::Keyring;

/// What can be done about backups.
#[derive(Clone, Args)]
pub(super) struct Backup {
    #[command(subcommand)]
    command: Option<Command>,
    /// Where it goes; if left out, into TENANTRY_BACKUP_FOLDER, where the oldest ones beyond the
    /// limit are removed.
    file: Option<PathBuf>,
    /// Replace an existing backup; no other file is replaced.
    #[arg(long)]
    replace: bool,
}

#[derive(Clone, Subcommand)]
enum Command {
    /// Check whether a backup is intact: its rows, what they refer to, every audit log; the exit
    /// code is 1 if it is not.
    Verify {
        /// The backup.
        file: PathBuf,
    },
}

/// A backup to restore.
#[derive(Clone, Args)]
pub(super) struct Restore {
    /// The backup.
    file: PathBuf,
    /// Restore a damaged backup, with the rows that it has.
    #[arg(long)]
    despite_faults: bool,
}

/// Where to move a database.
#[derive(Clone, Args)]
pub(super) struct MoveDatabase {
    /// An empty database: sqlite:PATH, or postgres://OWNER:PASSWORD@HOST/NAME. If it contains a
    /// password, set TENANTRY_TARGET_DATABASE_URL instead, which nobody else on the machine can
    /// see.
    #[arg(long, value_name = "URL")]
    to: Option<String>,
}

/// Makes or verifies a backup.
pub(super) async fn run(config: Config, backup: Backup) -> Outcome {
    if let Some(Command::Verify { file }) = backup.command {
        return verify(&config, &file).await;
    }
    let began = Instant::now();
    let db = open(&config).await?;
    let now = Clock::System.now();
    let made = match (&backup.file, config.backups()) {
        (Some(file), _) => backup::make(&db, file, backup.replace, now).await,
        (None, Some(schedule)) => schedule.make(&db, now).await,
        (None, None) => {
            return Err("name the file to make, or set TENANTRY_BACKUP_FOLDER".into());
        }
    };
    db.close().await;
    let Made { file, bytes: size, manifest } = made.map_err(|error| told(&error))?;
    say(format_args!(
        "{}: {}, {} of {}, in {:.1} seconds.",
        file.display(),
        bytes(size),
        count(manifest.rows(), "row", "rows"),
        count(manifest.organizations, "organization", "organizations"),
        began.elapsed().as_secs_f64()
    ));
    for line in about_keys(&config, &manifest) {
        say(line);
    }
    report_left_out(&manifest.left_out, "not restored");
    match manifest.unreadable.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "TENANTRY_DATABASE_URL: the backup was made, but the database is damaged: values \
             cannot be read in {}. To restore it, use --despite-faults",
            manifest.unreadable.join(", ")
        )
        .into()),
    }
}

/// Says what is not Tenantry's and was therefore left out.
fn report_left_out(left_out: &[String], how: &str) {
    if !left_out.is_empty() {
        let names = left_out.join(", ");
        say(format_args!("Not part of Tenantry, and {how}: {names}."));
    }
}

/// Opens the database to back up or move, which must exist.
async fn open(config: &Config) -> Outcome<Db> {
    must_exist(config)?;
    connect(config).await
}

/// The message for an error: problems of the database name its setting, those of a file its path.
fn told(error: &BackupError) -> String {
    match error {
        BackupError::Source(words) | BackupError::Target(words) => of(SOURCE, words),
        other => other.to_string(),
    }
}

/// The message for an error that may concern either of two databases.
fn told_of_two(error: &BackupError) -> String {
    match error {
        BackupError::Target(words) => of(TARGET, words),
        other => told(other),
    }
}

const SOURCE: &str = "TENANTRY_DATABASE_URL";
const TARGET: &str = "TENANTRY_TARGET_DATABASE_URL";

/// A message about a database, with its own setting instead of the usual one.
fn of(setting: &str, words: &str) -> String {
    let words = words.strip_prefix("TENANTRY_DATABASE_URL: ").unwrap_or(words);
    format!("{setting}: {}", words.replace(SOURCE, setting))
}

/// The keys that a backup needs, which it does not contain, and whether they are available.
fn about_keys(config: &Config, manifest: &Manifest) -> Vec<String> {
    let path = config.secret_key_file.display();
    if manifest.keys.is_empty() {
        return vec!["Nothing in it is sealed with a secret key.".to_owned()];
    }
    let keys = manifest.keys.join(", ");
    let mut lines = vec![format!(
        "Some of it is sealed with the secret key {keys}, which is not in it: keep {path} too, in \
         a different place."
    )];
    let keyring = Keyring::load(&config.secret_key_file).ok().flatten();
    let at_hand: Vec<String> =
        keyring.iter().flat_map(Keyring::ids).map(|id| id.to_string()).collect();
    let missing: Vec<&str> =
        manifest.keys.iter().filter(|key| !at_hand.contains(key)).map(String::as_str).collect();
    if !missing.is_empty() {
        lines.push(format!(
            "On this machine {path} does not have the key {}: put the file you kept there before \
             the service starts, or what it sealed stays closed.",
            missing.join(", ")
        ));
    }
    lines
}

async fn verify(config: &Config, file: &Path) -> Outcome {
    let found = backup::verify(file, config).await?;
    let manifest = &found.manifest;
    say(format_args!(
        "{}: made at {} by Tenantry {} from {}, with {} of {}.",
        file.display(),
        manifest.made_at().rfc3339(),
        manifest.program,
        if manifest.engine == "postgres" { "PostgreSQL" } else { "SQLite" },
        count(manifest.rows(), "row", "rows"),
        count(manifest.organizations, "organization", "organizations"),
    ));
    for line in about_keys(config, manifest) {
        say(line);
    }
    report_left_out(&found.left_out, "not restored");
    if !found.faults.is_empty() {
        let faults: String = found.faults.iter().map(|fault| format!("\n  {fault}")).collect();
        return Err(format!("{} is damaged:{faults}", file.display()).into());
    }
    let chains =
        count(found.chains as u64, "audit log proves itself", "audit logs prove themselves");
    say(format_args!("Its rows are those that were written, and {chains}."));
    Ok(())
}

/// Restores a backup into an empty installation.
pub(super) async fn restore(config: Config, restore: Restore) -> Outcome {
    let Restore { file, despite_faults } = restore;
    let (target, _held) = target(&config, "restore").await?;
    let restored = backup::restore(&file, &target, &config, despite_faults).await;
    close(&target).await;
    let restored = restored.map_err(|error| told(&error))?;
    for fault in &restored.backup.faults {
        say(format_args!("Accepted: {fault}."));
    }
    for line in &restored.mended {
        say(format_args!("Repaired: {line}."));
    }
    let manifest = &restored.backup.manifest;
    say(format_args!(
        "Restored from {}, made at {}: {} of {}; {} {} proved.",
        file.display(),
        manifest.made_at().rfc3339(),
        count(restored.tables.values().map(|sum| sum.rows).sum(), "row", "rows"),
        count(manifest.organizations, "organization", "organizations"),
        count(restored.backup.chains as u64, "audit log", "audit logs"),
        if restored.backup.chains == 1 { "was" } else { "were" },
    ));
    for line in about_keys(&config, manifest) {
        say(line);
    }
    report_left_out(&restored.backup.left_out, "not restored");
    say(
        "Now, before `tenantry serve`: tenantry restored\nIt ends again what has been ended, used or \
         replaced since the backup was made.",
    );
    Ok(())
}

/// Moves everything into an empty database.
pub(super) async fn move_database(config: Config, to: MoveDatabase) -> Outcome {
    let to = match to.to {
        Some(url) => checked_database_url(&url).map_err(|words| of(TARGET, &words))?,
        None => config
            .target_database_url
            .clone()
            .ok_or("say where to move it, with --to or TENANTRY_TARGET_DATABASE_URL")?,
    };
    if is_one_file(&config.database_url, &to) {
        return Err(of(TARGET, SAME).into());
    }
    let _source_held = hold(&config, "move-database")?;
    let source = open(&config).await?;
    let other = config.clone().with_database(to);
    let (target, _held) =
        target(&other, "move-database").await.map_err(|error| of(TARGET, &error.to_string()))?;
    let moved = backup::move_database(&source, &target, &config).await;
    source.close().await;
    close(&target).await;
    let moved = moved.map_err(|error| told_of_two(&error))?;
    let logs = count(moved.chains as u64, "audit log", "audit logs");
    say(format_args!(
        "Moved: {} in {} tables, compared one by one; {logs} proved.",
        count(moved.tables.values().map(|sum| sum.rows).sum(), "row", "rows"),
        moved.tables.len()
    ));
    report_left_out(&moved.left_out, "left behind");
    if !moved.faults.is_empty() {
        let faults = moved.faults.join("; ");
        return Err(format!(
            "the move is complete, and the old database already had these faults: {faults}"
        )
        .into());
    }
    say(
        "The old database is as it was. Set TENANTRY_DATABASE_URL to the new one and start the service.",
    );
    Ok(())
}

/// Whether both URLs name the same SQLite file.
fn is_one_file(one: &str, other: &str) -> bool {
    let real = |url| sqlite_path(url).and_then(|path| std::fs::canonicalize(path).ok());
    real(one).is_some_and(|path| real(other) == Some(path))
}

/// The target, which is held as long as the second value is kept.
async fn target(config: &Config, command: &str) -> Outcome<(Target, Option<Hold>)> {
    if let Some(path) = sqlite_path(&config.database_url) {
        let held = hold(config, command)?;
        return Ok((Target::File(PathBuf::from(path)), held));
    }
    let db = connect(config).await?;
    debug_assert_eq!(db.engine(), Engine::Postgres);
    Ok((Target::Postgres(db, config.database_role.clone()), None))
}

async fn close(target: &Target) {
    if let Target::Postgres(db, _) = target {
        db.close().await;
    }
}
