//! Whether a backup holds what it says, found out by restoring it into a scratch copy.

use std::path::Path;

use super::scratch::Scratch;
use super::{BackupError, Manifest};
use crate::config::Config;
use crate::platform::App;
use crate::platform::audit::upkeep;
use crate::platform::checkup::Verdict;
use crate::platform::clock::Clock;
use crate::platform::db::transfer::{self, Sums, TransferError};
use crate::platform::db::{self, Db, checkup};
use crate::platform::secrets::Keyring;

/// What was found.
#[derive(Debug)]
pub struct Verified {
    /// What the backup says about itself.
    pub manifest: Manifest,
    /// How many audit chains were proved.
    pub chains: usize,
    /// What is wrong with it, a sentence each; empty where nothing is.
    pub faults: Vec<String>,
}

/// What `doctor` looks at and makes sense for a copy that nobody serves.
const CHECKS: &[&str] = &["migrations", "foreign keys", "immovable rows", "composite keys"];

/// Looks whether the backup at `file` is whole: its file, its rows, what they refer to, and every
/// audit chain. It is not changed.
///
/// # Errors
/// When it cannot be looked at: there is no such file, it is no backup, or a newer program made it.
pub async fn verify(file: &Path, config: &Config) -> Result<Verified, BackupError> {
    let copy = Copy::open(file, config).await?;
    copy.close().await;
    Ok(copy.found)
}

/// A copy of a backup, brought up to today's schema.
pub(super) struct Copy {
    pub found: Verified,
    pub db: Db,
    /// Removed when this is dropped.
    _scratch: Scratch,
}

impl Copy {
    pub async fn open(file: &Path, config: &Config) -> Result<Self, BackupError> {
        let manifest = Manifest::read(file).await?;
        if manifest.schema > db::newest_migration() {
            return Err(BackupError::refused(format!(
                "{} was made by Tenantry {}, which is newer than this program ({}): use that \
                 version, or a newer one",
                file.display(),
                manifest.program,
                env!("CARGO_PKG_VERSION")
            )));
        }
        let scratch = Scratch::for_a_copy_of(file)?;
        let path = scratch.path("copy.db");
        std::fs::copy(file, &path).map_err(BackupError::at(file))?;
        let damaged = |error: TransferError| {
            BackupError::refused(format!("{} is damaged: {error}", file.display()))
        };
        let db = Db::open_file(&path).await.map_err(|error| damaged(error.into()))?;
        let mut copy = Self {
            found: Verified { manifest, chains: 0, faults: Vec::new() },
            db,
            _scratch: scratch,
        };
        match copy.look(config).await {
            Ok(()) => Ok(copy),
            Err(BackupError::Transfer(error)) => {
                copy.close().await;
                Err(damaged(error))
            }
            Err(other) => {
                copy.close().await;
                Err(other)
            }
        }
    }

    /// Closes its database.
    pub async fn close(&self) {
        self.db.close().await;
    }

    async fn look(&mut self, config: &Config) -> Result<(), BackupError> {
        self.found.faults.extend(transfer::damage(&self.db).await?);
        let sums = transfer::sums(&self.db).await?;
        self.found.faults.extend(differences(&self.found.manifest.tables, &sums));
        db::migrate(&self.db, "").await?;
        self.prove(config).await?;
        let now = Clock::System.now();
        for check in checkup::examine(&self.db, None, || now).await? {
            if check.verdict == Verdict::Fail && CHECKS.contains(&check.about) {
                self.found.faults.push(format!("{}: {}", check.about, check.what));
            }
        }
        Ok(())
    }

    async fn prove(&mut self, config: &Config) -> Result<(), BackupError> {
        let (chains, faults) = prove(&self.db, config).await?;
        self.found.chains = chains;
        self.found.faults.extend(faults);
        Ok(())
    }
}

/// Proves every audit chain; gives how many there are, and a sentence for each that is broken.
pub(super) async fn prove(db: &Db, config: &Config) -> Result<(usize, Vec<String>), BackupError> {
    let app = App::new(db.clone(), Clock::System, config.clone(), Keyring::random());
    let (mut chains, mut faults) = (0, Vec::new());
    for chain in upkeep::chains(&app).await? {
        chains += 1;
        let proof = upkeep::verify(&app, chain.organization).await?;
        if let Some(first) = proof.broken.first() {
            faults.push(format!("the audit log of {} ({}): {first}", chain.slug, chain.name));
        }
    }
    Ok((chains, faults))
}

/// How the rows that are there differ from those that were written.
fn differences(expected: &Sums, found: &Sums) -> Vec<String> {
    let mut faults = Vec::new();
    for (table, sum) in expected {
        match found.get(table) {
            None => faults.push(format!("the table {table} is missing")),
            Some(now) if now.rows != sum.rows => {
                faults.push(format!("{table} has {} rows instead of {}", now.rows, sum.rows));
            }
            Some(now) if now != sum => faults.push(format!("a row of {table} was changed")),
            Some(_) => {}
        }
    }
    let unknown = found.keys().filter(|table| !expected.contains_key(*table));
    faults.extend(unknown.map(|table| format!("the table {table} was not in it")));
    faults
}
