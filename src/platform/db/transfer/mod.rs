//! Copies everything that people have entered from one database to another with the same schema, on
//! either engine. Backups, restoring them and moving to the other engine are based on this.
//!
//! It reads in one transaction and writes in one, row by row, in constant memory. A digest of each
//! table's rows is identical on both engines, so what was written is read again and compared. Only
//! the tables and columns of the schema, as the migrations create it, are copied; anything else in
//! the database is listed and left out.

mod batch;
mod error;
mod mended;
mod references;
mod salvage;
mod side;
mod sqlite;
mod sum;
mod tables;
mod value;

use std::collections::BTreeSet;

use futures_util::TryStreamExt;

use self::batch::Batch;
use self::side::{Intent, Side};
use self::sum::{Summing, sum_up};
use self::tables::{Compared, Table, compare, tables};
use super::connect::Db;

pub use self::error::{CopyError, End, TransferError};
pub use self::references::ownerless;
pub use self::salvage::salvage;
pub use self::sqlite::{Layout, damage, layout, snapshot, strip};
pub use self::sum::{Sum, Sums};
pub(in crate::platform) use self::tables::MANIFEST;

/// What a service writes by itself when it starts on an empty database.
const OF_A_START: &[&str] = &["clock", "heartbeats", "secret_keys"];

/// What others may do to the source during the copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meanwhile {
    /// Anything: the copy is a snapshot of one moment.
    OthersWrite,
    /// They may not write, and on PostgreSQL no service may connect: the copy is the final state.
    NobodyWrites,
}

/// The result of a copy.
#[derive(Debug)]
pub struct Copied {
    /// The sums of all tables.
    pub sums: Sums,
    /// What the source contains besides the schema: tables, and columns as `table.column`.
    pub left_out: Vec<String>,
    /// Keeps the source unchanged as long as this value is kept.
    _source: Side,
}

/// Copies everything from `from` to `to`, which must have the schema and be empty, and compares the
/// result. If it is interrupted, it leaves nothing behind.
///
/// # Errors
/// See [`TransferError`].
pub async fn copy(from: &Db, to: &Db, meanwhile: Meanwhile) -> Result<Copied, CopyError> {
    let mut target = Side::begin(to, Intent::Write).await.map_err(End::Target.failed())?;
    let tables = tables(&mut target).await.map_err(End::Target.failed())?;
    let seen = target.expect_to_see(&tables, Intent::Write).await;
    seen.map_err(End::Target.failed())?;
    let source = read(from, &tables, meanwhile).await;
    let (mut source, left_out) = source.map_err(End::Source.failed())?;

    let triggers = target.unguard(&tables).await.map_err(End::Target.failed())?;
    let mut found = rows(&mut target, &tables).await.map_err(End::Target.failed())?;
    found.retain(|(name, _)| !OF_A_START.contains(&name.as_str()));
    if !found.is_empty() {
        return Err(End::Target.failed()(TransferError::NotEmpty(found)));
    }
    for table in OF_A_START {
        let empty = target.run(&format!("delete from \"{table}\"")).await;
        empty.map_err(End::Target.failed())?;
    }
    let mut sums = Sums::new();
    for table in &tables {
        sums.insert(table.name.clone(), carry(table, &mut source, &mut target).await?);
    }
    let written = sum_up(&mut target, &tables, &mut BTreeSet::new()).await;
    let written = written.map_err(End::Target.failed())?;
    if let Some((table, _)) = sums.iter().find(|(name, sum)| written.get(*name) != Some(*sum)) {
        return Err(End::Target.failed()(TransferError::NotAlike(table.clone())));
    }
    target.guard(&tables, triggers).await.map_err(End::Target.failed())?;
    if meanwhile == Meanwhile::NobodyWrites {
        let others = connected(&mut source).await.map_err(End::Source.failed())?;
        if others > 0 {
            return Err(End::Source.failed()(TransferError::Connected));
        }
    }
    target.commit().await.map_err(End::Target.failed())?;
    Ok(Copied { sums, left_out, _source: source })
}

/// Starts reading these tables of the database `from`; also returns what it contains besides them.
async fn read(
    from: &Db,
    tables: &[Table],
    meanwhile: Meanwhile,
) -> Result<(Side, Vec<String>), TransferError> {
    let mut source = Side::begin(from, Intent::Read).await?;
    let left_out = beyond(&mut source, tables).await?;
    source.expect_to_see(tables, Intent::Read).await?;
    if meanwhile == Meanwhile::OthersWrite {
        return Ok((source, left_out));
    }
    // First end the other transaction, which would still see the earlier state.
    drop(source);
    let mut source = Side::freeze(from, tables).await?;
    let left_out = beyond(&mut source, tables).await?;
    Ok((source, left_out))
}

/// What the database contains besides the schema; an error if it lacks part of the schema.
async fn beyond(side: &mut Side, schema: &[Table]) -> Result<Vec<String>, TransferError> {
    let Compared { lacking, beyond } = compare(side, schema).await?;
    match lacking.words().into_iter().next() {
        Some(words) => Err(TransferError::Different(words)),
        None => Ok(beyond),
    }
}

async fn carry(table: &Table, source: &mut Side, target: &mut Side) -> Result<Sum, CopyError> {
    let select = table.select();
    let (mut summing, mut batch) = (Summing::default(), Batch::of(table));
    let mut rows = source.rows(table, &select);
    while let Some(row) = rows.try_next().await.map_err(End::Source.failed())? {
        if let Some(column) = table.unreadable(&row).next() {
            let (table, column) = (table.name.clone(), column.to_owned());
            return Err(End::Source.failed()(TransferError::Unreadable { table, column }));
        }
        summing.add(&row);
        if let Some(rows) = batch.add(row) {
            target.insert(table, &rows).await.map_err(End::Target.failed())?;
        }
    }
    if let Some(rows) = batch.take() {
        target.insert(table, &rows).await.map_err(End::Target.failed())?;
    }
    Ok(summing.sum())
}

/// The tables that are not empty, with their numbers of rows.
async fn rows(side: &mut Side, tables: &[Table]) -> Result<Vec<(String, u64)>, TransferError> {
    let mut found = Vec::new();
    for Table { name, .. } in tables {
        let count: Vec<(i64,)> = side.all(&format!("select count(*) from \"{name}\"")).await?;
        if let Some((count @ 1..,)) = count.into_iter().next() {
            found.push((name.clone(), count.unsigned_abs()));
        }
    }
    Ok(found)
}

/// Checks whether a database with the schema `layout` can be filled: it must contain nothing else,
/// and no rows.
///
/// # Errors
/// [`TransferError::Foreign`], [`TransferError::NotEmpty`], and others.
pub async fn expect_fillable(db: &Db, layout: &Layout) -> Result<(), TransferError> {
    let mut side = Side::begin(db, Intent::Write).await?;
    let tables = layout.tables();
    let foreign = beyond(&mut side, tables).await?;
    if !foreign.is_empty() {
        return Err(TransferError::Foreign(foreign));
    }
    side.expect_to_see(tables, Intent::Write).await?;
    // Works in any state that an interrupted copy may have left; it is rolled back.
    side.unguard(tables).await?;
    let mut found = rows(&mut side, tables).await?;
    found.retain(|(name, _)| !OF_A_START.contains(&name.as_str()));
    match found.is_empty() {
        true => Ok(()),
        false => Err(TransferError::NotEmpty(found)),
    }
}

/// Checks whether a database can be given the schema: it must contain no tables.
///
/// # Errors
/// [`TransferError::Foreign`], and others.
pub async fn expect_new(db: &Db) -> Result<(), TransferError> {
    let found = tables::names(&mut Side::begin(db, Intent::Read).await?).await?;
    match found.is_empty() {
        true => Ok(()),
        false => Err(TransferError::Foreign(found)),
    }
}

/// What a database contains of the schema.
#[derive(Debug)]
pub struct Holdings {
    /// The sums of all tables that are completely there.
    pub sums: Sums,
    /// What it lacks of the schema, each as the beginning of a sentence.
    pub lacking: Vec<String>,
    /// What it contains besides the schema: tables, and columns as `table.column`.
    pub left_out: Vec<String>,
    /// The columns (`table.column`) with a value that cannot be read.
    pub unreadable: BTreeSet<String>,
}

/// What a database contains of the schema `layout`.
///
/// # Errors
/// See [`TransferError`].
pub async fn holdings(db: &Db, layout: &Layout) -> Result<Holdings, TransferError> {
    let mut side = Side::begin(db, Intent::Read).await?;
    let Compared { lacking, beyond } = compare(&mut side, layout.tables()).await?;
    let mut whole = layout.tables().to_vec();
    whole.retain(|table| lacking.spares(table));
    let mut unreadable = BTreeSet::new();
    let sums = sum_up(&mut side, &whole, &mut unreadable).await?;
    Ok(Holdings { sums, lacking: lacking.words(), left_out: beyond, unreadable })
}

/// On PostgreSQL, the number of other roles' connections that identify themselves as Tenantry's.
///
/// # Errors
/// When the database does not respond.
pub async fn others_connected(db: &Db) -> Result<u64, TransferError> {
    connected(&mut Side::begin(db, Intent::Read).await?).await
}

async fn connected(side: &mut Side) -> Result<u64, TransferError> {
    const OTHERS: &str = "select count(*) from pg_stat_activity
        where datname = current_database() and application_name = 'tenantry'
            and usename <> current_user";
    match side {
        Side::Sqlite(_) => Ok(0),
        Side::Postgres(_) => {
            let counts: Vec<(i64,)> = side.all(OTHERS).await?;
            Ok(counts.into_iter().map(|(count,)| count.unsigned_abs()).sum())
        }
    }
}

/// On PostgreSQL, an identifier of this database that does not depend on its URL.
///
/// # Errors
/// When the database does not respond.
pub async fn identity(db: &Db) -> Result<Option<String>, TransferError> {
    const IDENTITY: &str = "select concat_ws(' ', current_database(),
        extract(epoch from pg_postmaster_start_time()), inet_server_port())";
    let mut side = Side::begin(db, Intent::Read).await?;
    match &side {
        Side::Sqlite(_) => Ok(None),
        Side::Postgres(_) => {
            let found: Vec<(String,)> = side.all(IDENTITY).await?;
            Ok(found.into_iter().next().map(|(identity,)| identity))
        }
    }
}
