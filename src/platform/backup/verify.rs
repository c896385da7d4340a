//! Verifies that a backup contains what it says, by restoring it into a scratch copy.

use std::path::Path;

use super::scratch::Scratch;
use super::{BackupError, Manifest, reference};
use crate::platform::App;
use crate::platform::audit::upkeep;
use crate::platform::checkup::Verdict;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::transfer::{self, Holdings, Layout, Sums, TransferError};
use crate::platform::db::{self, Db, checkup};
use crate::platform::secrets::Keyring;

/// The findings.
#[derive(Debug)]
pub struct Verified {
    /// The backup's manifest.
    pub manifest: Manifest,
    /// The number of audit chains verified.
    pub chains: usize,
    /// What is wrong with it, a sentence each; empty if nothing is.
    pub faults: Vec<String>,
    /// What is not restored from it, because it is not Tenantry's: tables, and columns as
    /// `table.column`.
    pub left_out: Vec<String>,
}

/// The doctor's checks that make sense for a copy that nobody serves; references are checked
/// before.
const CHECKS: &[&str] = &["migrations", "immovable rows", "composite keys"];

/// Verifies that the backup at `file` is intact: its file, its rows, their references, and all
/// audit chains. It does not change the backup.
///
/// # Errors
/// When it cannot be examined: there is no such file, it is not a backup, or a newer program made
/// it.
pub async fn verify(file: &Path, config: &Config) -> Result<Verified, BackupError> {
    let copy = Copy::open(file, config).await?;
    copy.close().await;
    Ok(copy.found)
}

/// A copy of a backup, brought up to the current schema.
pub(super) struct Copy {
    pub found: Verified,
    pub db: Db,
    /// The folder that contains it, removed on drop.
    pub scratch: Scratch,
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
        let layout = reference::layout(&scratch, manifest.schema).await?;
        let path = scratch.path("copy.db");
        std::fs::copy(file, &path).map_err(BackupError::at(file))?;
        // An SQLite file that cannot be examined is damaged, unless the disk is full.
        let damaged = |error: TransferError| match BackupError::about(&path)(error) {
            BackupError::Refused(words) => {
                let words = words.strip_prefix(&format!("{}: ", path.display())).unwrap_or(&words);
                BackupError::refused(format!("{} is damaged: {words}", file.display()))
            }
            other => other,
        };
        let db = Db::open_file(&path).await.map_err(|error| damaged(error.into()))?;
        let left_out = manifest.left_out.clone();
        let found = Verified { manifest, chains: 0, faults: Vec::new(), left_out };
        let mut copy = Self { found, db, scratch };
        match copy.look(&layout, config).await {
            Ok(()) => Ok(copy),
            Err(error) => {
                copy.close().await;
                Err(damaged(error))
            }
        }
    }

    /// Closes its database.
    pub async fn close(&self) {
        self.db.close().await;
    }

    async fn look(&mut self, layout: &Layout, config: &Config) -> Result<(), TransferError> {
        let holdings = transfer::holdings(&self.db, layout).await?;
        let indexes = transfer::strip(&self.db, layout).await?;
        let found = &mut self.found;
        found.faults.extend(transfer::damage(&self.db).await?);
        found.faults.extend(indexes);
        found.faults.extend(differences(&found.manifest.tables, &holdings, layout));
        found.left_out.extend(holdings.left_out);
        found.left_out.sort();
        found.left_out.dedup();
        // Whatever cannot be done with damaged rows is another fault.
        if let Err(error) = db::migrate(&self.db, "").await {
            found.faults.push(format!("it cannot be brought up to date: {error}"));
            return Ok(());
        }
        match prove(&self.db, config).await {
            Ok((chains, faults)) => {
                found.chains = chains;
                found.faults.extend(faults);
            }
            Err(error) => found.faults.push(format!("its audit logs cannot be proved: {error}")),
        }
        let now = Clock::System.now();
        match checkup::examine(&self.db, None, || now).await {
            Ok(checks) => {
                let failed = checks.into_iter().filter(|check| {
                    check.verdict == Verdict::Fail && CHECKS.contains(&check.about)
                });
                found.faults.extend(failed.map(|check| format!("{}: {}", check.about, check.what)));
            }
            Err(error) => found.faults.push(format!("it cannot be checked: {error}")),
        }
        Ok(())
    }
}

/// Verifies all audit chains; returns how many there are, and a sentence for each broken one.
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

/// How the rows that were found differ from those in the manifest.
fn differences(expected: &Sums, found: &Holdings, layout: &Layout) -> Vec<String> {
    let mut faults = found.lacking.clone();
    for column in &found.unreadable {
        faults.push(format!("a value of {column} cannot be read"));
    }
    for (table, now) in &found.sums {
        match expected.get(table) {
            None => faults.push(format!("the table {table} is not in its manifest")),
            Some(sum) if now.rows != sum.rows => {
                faults.push(format!("{table} has {} rows instead of {}", now.rows, sum.rows));
            }
            Some(sum) if now != sum => faults.push(format!("a row of {table} was changed")),
            Some(_) => {}
        }
    }
    let unknown = expected.keys().filter(|table| !layout.has(table));
    faults.extend(unknown.map(|table| format!("the schema has no table {table}")));
    faults
}
