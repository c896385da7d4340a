//! Restores a backup into an empty installation, and moves one database into another.

use std::path::Path;

use super::BackupError;
use super::repair::{Repaired, repair};
use super::target::Target;
use super::verify::{Copy, Verified, prove};
use crate::platform::config::Config;
use crate::platform::db::transfer::{self, Copied, Meanwhile, Sums, TransferError};
use crate::platform::db::{self, Db, Schema};

/// A restored backup.
#[derive(Debug)]
pub struct Restored {
    /// The findings about the backup; its faults are those that were accepted.
    pub backup: Verified,
    /// The repairs of its rows, a sentence each.
    pub mended: Vec<String>,
    /// What the target contains now.
    pub tables: Sums,
}

/// A database that was copied to another.
#[derive(Debug)]
pub struct Moved {
    /// What the target contains now.
    pub tables: Sums,
    /// What the source contains besides the schema: tables, and columns as `table.column`.
    pub left_out: Vec<String>,
    /// The number of audit chains verified in the target.
    pub chains: usize,
    /// What is wrong with them, a sentence each; it was wrong in the source, too.
    pub faults: Vec<String>,
}

/// Restores the backup at `file` into `target`, which must be empty, and brings a backup of an
/// older version up to date. With `despite_faults`, it also restores a damaged one as far as it can
/// be read.
///
/// # Errors
/// When the target is not empty, when the backup is damaged or newer than this program, and when
/// something cannot be read or written. After an error, the target contains no rows.
pub async fn restore(
    file: &Path,
    target: &Target,
    config: &Config,
    despite_faults: bool,
) -> Result<Restored, BackupError> {
    target.expect_empty().await?;
    let mut copy = Copy::open(file, config).await?;
    if !copy.found.faults.is_empty() && !despite_faults {
        copy.close().await;
        return Err(BackupError::refused(format!(
            "{} is damaged: {}. Nothing was restored. Take another backup; where there is none, \
             --despite-faults restores what can be read",
            file.display(),
            copy.found.faults.join("; ")
        )));
    }
    let damaged = |error: TransferError| {
        BackupError::refused(format!("{} is damaged: {error}", file.display()))
    };
    let whole = Meanwhile::OthersWrite;
    if copy.found.faults.is_empty() {
        let tables = target.fill(&copy.db, whole, damaged).await.map(|copied| copied.sums);
        copy.close().await;
        return Ok(Restored { backup: copy.found, mended: Vec::new(), tables: tables? });
    }
    copy.close().await;
    let Repaired { db, mended } = repair(file, copy.found.manifest.schema, &copy.scratch).await?;
    let (chains, faults) = prove(&db, config).await.unwrap_or_else(unproved);
    let tables = target.fill(&db, whole, damaged).await.map(|copied| copied.sums);
    db.close().await;
    let tables = tables?;
    copy.found.chains = chains;
    for fault in faults {
        if !copy.found.faults.contains(&fault) {
            copy.found.faults.push(fault);
        }
    }
    Ok(Restored { backup: copy.found, mended, tables })
}

/// Copies everything from `source` to `target`, which must be empty, and verifies the audit chains
/// there. Nobody can write to the source until that is done. The source is not changed.
///
/// # Errors
/// When the target is not empty, when the source's schema is not the current one, when somebody
/// uses the source, and when something cannot be read or written. Unless the target is complete, it
/// contains no rows.
pub async fn move_database(
    source: &Db,
    target: &Target,
    config: &Config,
) -> Result<Moved, BackupError> {
    let schema = db::schema(source).await.map_err(BackupError::source)?;
    if schema != Schema::Current {
        let mend = "Run `tenantry migrate` first, on PostgreSQL with the owner's URL.";
        return Err(BackupError::Source(format!("{schema}. {}", schema.mend(mend))));
    }
    expect_another(source, target).await?;
    if transfer::others_connected(source).await.map_err(BackupError::source)? > 0 {
        return Err(BackupError::source(TransferError::Connected));
    }
    target.expect_empty().await?;
    let of_source = |error: TransferError| BackupError::source(error);
    let copied = target.fill(source, Meanwhile::NobodyWrites, of_source).await?;
    let proved = match target {
        Target::File(path) => {
            let db = Db::open_file(path).await.map_err(BackupError::about(path))?;
            let proved = prove(&db, config).await;
            db.close().await;
            proved
        }
        Target::Postgres(db, _) => prove(db, config).await,
    };
    // Everything has been copied by now, whatever the verification says.
    let (chains, faults) = proved.unwrap_or_else(unproved);
    // Up to here nobody could write to the source.
    let Copied { sums: tables, left_out, .. } = copied;
    Ok(Moved { tables, left_out, chains, faults })
}

/// The result for audit logs that cannot even be read.
fn unproved(error: BackupError) -> (usize, Vec<String>) {
    (0, vec![format!("its audit logs cannot be proved: {error}")])
}

/// Checks that the two are not the same PostgreSQL database, which only the server can tell.
async fn expect_another(source: &Db, target: &Target) -> Result<(), BackupError> {
    let Target::Postgres(target, _) = target else { return Ok(()) };
    let ours = transfer::identity(source).await.map_err(BackupError::source)?;
    let theirs = transfer::identity(target).await.map_err(BackupError::target)?;
    match ours.is_some() && ours == theirs {
        true => Err(BackupError::Target(SAME.to_owned())),
        false => Ok(()),
    }
}

/// The error when a database would be moved into itself.
pub const SAME: &str = "the source and the target are the same database";
