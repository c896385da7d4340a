//! Saves the rows of a damaged SQLite file to a new one, as far as they can be read and fit the
//! schema.

use std::collections::BTreeSet;
use std::path::Path;

use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::batch::Batch;
use super::mended::{Done, absent, many, of_references};
use super::references;
use super::side::{Intent, Side};
use super::tables::{Table, compare, tables};
use super::{OF_A_START, TransferError};
use crate::platform::clock::Timestamp;
use crate::platform::db::connect::Db;

/// Copies the schema's rows from the SQLite database `from` to the file at `to`, which must have
/// just been migrated to the same version and be open nowhere else. Returns a sentence for each
/// repair. Damaged text is read as far as possible. Any other value that does not have its column's
/// type becomes null if it may (or `now`, if it says when something ended); otherwise its row is
/// left out. So is a row that violates a constraint, or that refers to a missing one, unless that
/// reference may be null.
///
/// # Errors
/// When a page cannot be read, or the file cannot be written.
pub async fn salvage(from: &Db, to: &Path, now: Timestamp) -> Result<Vec<String>, TransferError> {
    let mut source = Side::begin(from, Intent::Read).await?;
    // Foreign keys cannot be turned off inside a transaction.
    let options = SqliteConnectOptions::new().filename(to).foreign_keys(false);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    let target = Side::Sqlite(pool.begin_with("begin immediate").await?);
    let saved = save(&mut source, target, now).await;
    pool.close().await;
    saved
}

async fn save(
    source: &mut Side,
    mut target: Side,
    now: Timestamp,
) -> Result<Vec<String>, TransferError> {
    let tables = tables(&mut target).await?;
    let lacking = compare(source, &tables).await?.lacking;
    let nullable = nullable(&mut target).await?;
    let triggers = target.unguard(&tables).await?;
    for table in OF_A_START.iter().filter(|name| tables.iter().any(|table| table.name == **name)) {
        target.run(&format!("delete from \"{table}\"")).await?;
    }
    brought_along(source, &mut target).await?;
    let mut lines = absent(&lacking);
    for table in tables.iter().filter(|table| !lacking.tables.contains(&table.name)) {
        let table = table.without(&lacking);
        let done = rows(source, &mut target, &table, &nullable, now).await?;
        lines.extend(done.lines(&table.name));
    }
    for ((table, parent), mended) in references::mend(&mut target, &nullable).await? {
        lines.extend(of_references(&table, &parent, mended));
    }
    let is_counted = |table: &Table| {
        table.name == "organizations"
            && table.columns.iter().any(|(name, _)| name == "member_count")
    };
    if tables.iter().any(is_counted) {
        // The counting triggers were removed.
        let counted = target
            .run(
                "update organizations set member_count = (select count(*) from memberships m
                    where m.organization_id = organizations.id)
                 where member_count <> (select count(*) from memberships m
                    where m.organization_id = organizations.id)",
            )
            .await?;
        if counted > 0 {
            lines.push(format!(
                "organizations: members were counted again in {}",
                many(counted, "row")
            ));
        }
    }
    target.guard(&tables, triggers).await?;
    target.commit().await?;
    Ok(lines)
}

/// Copies the records of which rows already have the current keys; all others are updated after the
/// next migration.
async fn brought_along(source: &mut Side, target: &mut Side) -> Result<(), TransferError> {
    let is_there: Vec<(i64,)> =
        target.all("select count(*) from sqlite_schema where name = 'data_migrations'").await?;
    if is_there != [(1,)] {
        return Ok(());
    }
    target.run("delete from data_migrations").await?;
    let names = source.all("select name from data_migrations where typeof(name) = 'text'").await;
    let names: Vec<(String,)> = names.unwrap_or_default();
    for (name,) in names {
        let name = name.replace('\'', "''");
        target.run(&format!("insert into data_migrations (name) values ('{name}')")).await?;
    }
    Ok(())
}

/// The nullable columns, as `table.column`, except the organization: a row without one would mean
/// something else.
async fn nullable(side: &mut Side) -> Result<BTreeSet<String>, TransferError> {
    let columns: Vec<(String,)> = side
        .all(
            "select t.name || '.' || c.name from sqlite_schema t join pragma_table_info(t.name) c
             where t.type = 'table' and c.\"notnull\" = 0 and c.pk = 0
                and c.name <> 'organization_id'",
        )
        .await?;
    Ok(columns.into_iter().map(|(column,)| column).collect())
}

async fn rows(
    source: &mut Side,
    target: &mut Side,
    table: &Table,
    nullable: &BTreeSet<String>,
    now: Timestamp,
) -> Result<Done, TransferError> {
    let mut done = Done::default();
    if table.columns.is_empty() {
        return Ok(done);
    }
    // An index may be damaged, too.
    let select = format!("{} not indexed", table.select());
    let mut batch = Batch::of(table);
    let mut rows = source.rows(table, &select);
    while let Some(mut row) = rows.try_next().await? {
        if !done.mends(table, &mut row, nullable, now) {
            continue;
        }
        if let Some(rows) = batch.add(row) {
            done.unfit += rows.len() as u64 - target.insert_what_fits(table, &rows).await?;
        }
    }
    if let Some(rows) = batch.take() {
        done.unfit += rows.len() as u64 - target.insert_what_fits(table, &rows).await?;
    }
    Ok(done)
}
