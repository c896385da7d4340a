//! The rows of a damaged SQLite file, saved into a new one as far as they can be read and fit the schema.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::references::{self, Mended};
use super::side::{Intent, Side};
use super::tables::{Lacking, Table, compare, tables};
use super::value::Value;
use super::{BYTES, OF_A_START, PARAMETERS, TransferError};
use crate::platform::db::connect::Db;

/// What was done to the rows of one table, by column.
#[derive(Default)]
struct Done {
    /// Texts that are read with a sign for what is damaged.
    read: BTreeMap<String, u64>,
    /// Values that are null now.
    emptied: BTreeMap<String, u64>,
    /// Rows that are left out for a value.
    left_out: BTreeMap<String, u64>,
    /// Rows that break a rule of the schema.
    unfit: u64,
}

/// Copies what the SQLite database `from` has of the schema into the file at `to`, which was just
/// migrated to the same version and which nobody else has open; gives what was done to it on the way, a
/// sentence each. Damaged text is read as far as it goes; another value that is none of its column's
/// type becomes null where it may, and leaves its row out otherwise; so does a row that breaks a rule of
/// the schema, or that refers to one that is gone, unless that reference may be null.
///
/// # Errors
/// When a page cannot be read, or the file not be written.
pub async fn salvage(from: &Db, to: &Path) -> Result<Vec<String>, TransferError> {
    let mut source = Side::begin(from, Intent::Read).await?;
    // Foreign keys cannot be switched off in a transaction.
    let options = SqliteConnectOptions::new().filename(to).foreign_keys(false);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    let saved = save(&mut source, Side::Sqlite(pool.begin_with("begin immediate").await?)).await;
    pool.close().await;
    saved
}

async fn save(source: &mut Side, mut target: Side) -> Result<Vec<String>, TransferError> {
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
        let done = rows(source, &mut target, &table, &nullable).await?;
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
        // The triggers that count were not there.
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

/// Notes which rows were brought along to today's ways already: the others are after the next migration.
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

/// The columns that may be null, as `table.column`. Without its organization, a row would be another
/// one.
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
) -> Result<Done, TransferError> {
    let mut done = Done::default();
    if table.columns.is_empty() {
        return Ok(done);
    }
    // An index may be damaged, too.
    let select = format!("{} not indexed", table.select());
    let at_once = (PARAMETERS / table.columns.len()).max(1);
    let (mut batch, mut bytes) = (Vec::new(), 0);
    let mut rows = source.rows(table, &select);
    while let Some(mut row) = rows.try_next().await? {
        if !done.mends(table, &mut row, nullable) {
            continue;
        }
        bytes += row.iter().map(Value::size).sum::<usize>();
        batch.push(row);
        if batch.len() == at_once || bytes >= BYTES {
            let fit = target.insert_what_fits(table, &batch).await?;
            done.unfit += batch.len() as u64 - fit;
            (batch, bytes) = (Vec::new(), 0);
        }
    }
    if !batch.is_empty() {
        let fit = target.insert_what_fits(table, &batch).await?;
        done.unfit += batch.len() as u64 - fit;
    }
    Ok(done)
}

impl Done {
    /// Whether the row can be kept, mended.
    fn mends(&mut self, table: &Table, row: &mut [Value], nullable: &BTreeSet<String>) -> bool {
        let columns = || table.columns.iter().map(|(column, _)| column);
        let may_be_null = |column: &str| nullable.contains(&format!("{}.{column}", table.name));
        let lost = columns().zip(row.iter()).find(|(column, value)| {
            matches!(value, Value::Unreadable { is_text: false, .. }) && !may_be_null(column)
        });
        if let Some((column, _)) = lost {
            *self.left_out.entry(column.clone()).or_default() += 1;
            return false;
        }
        for (column, value) in columns().zip(row) {
            let Value::Unreadable { bytes, is_text } = value else { continue };
            let (done, mended) = match is_text {
                true => {
                    let text = String::from_utf8_lossy(bytes).replace('\0', "\u{FFFD}");
                    (&mut self.read, Value::Text(text))
                }
                false => (&mut self.emptied, Value::Nothing),
            };
            *done.entry(column.clone()).or_default() += 1;
            *value = mended;
        }
        true
    }

    fn lines(&self, table: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for (column, count) in &self.read {
            let values = many(*count, "value");
            lines.push(format!("{table}.{column}: {values}, with � for what cannot be read"));
        }
        for (column, count) in &self.emptied {
            let values = many(*count, "value");
            let are = if *count == 1 { "was" } else { "were" };
            lines.push(format!(
                "{table}.{column}: {values}, which could not be read, {are} emptied"
            ));
        }
        for (column, count) in &self.left_out {
            let left_out = left_out(*count);
            lines.push(format!("{table}: {left_out}, whose {column} could not be read"));
        }
        if self.unfit > 0 {
            let (left_out, s) = (left_out(self.unfit), third_person(self.unfit));
            lines.push(format!("{table}: {left_out}, which break{s} a rule of the schema"));
        }
        lines
    }
}

fn absent(lacking: &Lacking) -> Vec<String> {
    let tables = lacking.tables.iter();
    let tables = tables.map(|table| format!("{table}: the table is missing, and is empty now"));
    let columns = lacking.columns.iter();
    let columns =
        columns.map(|column| format!("{column}: the column is missing, and is empty now"));
    tables.chain(columns).collect()
}

fn of_references(table: &str, parent: &str, mended: Mended) -> Vec<String> {
    let Mended { emptied, left_out: rows } = mended;
    let mut lines = Vec::new();
    if emptied > 0 {
        let (references, were) =
            (many(emptied, "reference"), if emptied == 1 { "was" } else { "were" });
        lines.push(format!("{table}: {references} to {parent} that are gone {were} removed"));
    }
    if rows > 0 {
        let (left_out, s) = (left_out(rows), third_person(rows));
        lines.push(format!("{table}: {left_out}, which refer{s} to {parent} that are gone"));
    }
    lines
}

fn many(count: u64, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

fn left_out(rows: u64) -> String {
    format!("{} {} left out", many(rows, "row"), if rows == 1 { "was" } else { "were" })
}

fn third_person(rows: u64) -> &'static str {
    if rows == 1 { "s" } else { "" }
}
