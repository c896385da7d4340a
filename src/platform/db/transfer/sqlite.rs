//! What is done to SQLite files alone: the schema as a file has it, copies of files, and damage.

use std::collections::BTreeMap;
use std::path::Path;

use sqlx::{ConnectOptions, Connection};

use super::TransferError;
use super::side::{Intent, Side};
use super::tables::{MANIFEST, Table, tables};
use crate::platform::db::connect::{Db, Pools};

/// How many faults of a file are told.
const FAULTS: usize = 20;

/// The schema as the migrations make it.
#[derive(Clone, Debug)]
pub struct Layout {
    tables: Vec<Table>,
    /// Tables, indexes, triggers and views on SQLite, by kind and name, with what makes them.
    objects: BTreeMap<(String, String), String>,
}

impl Layout {
    pub(super) fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Whether there is a table of that name.
    pub fn has(&self, table: &str) -> bool {
        self.tables.iter().any(|own| own.name == table)
    }
}

const OBJECTS: &str = "select type, name, sql from sqlite_schema
    where sql is not null and name not like 'sqlite\\_%' escape '\\'";

/// Reads the schema from an SQLite database that was just migrated, and is empty.
///
/// # Errors
/// When it cannot be read, or when its tables are of a kind that is not known here.
pub async fn layout(db: &Db) -> Result<Layout, TransferError> {
    let mut side = Side::begin(db, Intent::Read).await?;
    let objects: Vec<(String, String, String)> = side.all(OBJECTS).await?;
    let objects = objects.into_iter().map(|(kind, name, sql)| ((kind, name), sql)).collect();
    Ok(Layout { tables: tables(&mut side).await?, objects })
}

/// Takes what is not the schema's out of an SQLite database that is only looked at: triggers and views of
/// somebody else's would be in the way of migrations, and tables of theirs would be judged. What cannot
/// be taken out stays. Gives which unique indexes of the schema are missing, a sentence's beginning each.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn strip(db: &Db, layout: &Layout) -> Result<Vec<String>, TransferError> {
    let mut side = Side::begin(db, Intent::Write).await?;
    let found: Vec<(String, String, String)> = side.all(OBJECTS).await?;
    for wanted in ["trigger", "view", "index", "table"] {
        for (kind, name, _) in found.iter().filter(|(kind, ..)| kind == wanted) {
            if name != MANIFEST && !layout.objects.contains_key(&(kind.clone(), name.clone())) {
                let name = name.replace('"', "\"\"");
                let _stays = side.run(&format!("drop {kind} if exists \"{name}\"")).await;
            }
        }
    }
    // What belongs to an unknown module cannot be dropped, and has no page of its own. Other connections
    // look at the schema again after one that is changed by a statement.
    side.run(
        "pragma writable_schema = on;
         delete from sqlite_schema where type = 'table' and rootpage = 0;
         pragma writable_schema = reset;
         create table made_anew (a text); drop table made_anew",
    )
    .await?;
    side.commit().await?;
    let is_there = |name: &str, sql: &str| {
        found.iter().any(|(kind, own, made)| kind == "index" && own == name && made == sql)
    };
    let unique = layout.objects.iter().filter(|((kind, _), sql)| {
        kind == "index" && sql.to_ascii_lowercase().starts_with("create unique")
    });
    Ok(unique
        .filter(|((_, name), sql)| !is_there(name, sql))
        .map(|((_, name), _)| format!("the unique index {name} is missing or another one"))
        .collect())
}

/// What is wrong with an SQLite file as a file, and with what its rows refer to, a sentence's beginning
/// each.
///
/// # Errors
/// When it cannot even be looked at.
pub async fn damage(db: &Db) -> Result<Vec<String>, TransferError> {
    let mut side = Side::begin(db, Intent::Read).await?;
    let words: Vec<(String,)> = side.all(&format!("pragma integrity_check({FAULTS})")).await?;
    let mut faults: Vec<String> =
        words.into_iter().map(|(words,)| words).filter(|words| words != "ok").collect();
    // A statement can have been run with foreign keys switched off.
    let broken: Vec<(String, String, i64)> = side
        .all(
            "select \"table\", \"parent\", count(*) from pragma_foreign_key_check
             group by 1, 2 order by 1, 2",
        )
        .await?;
    faults.extend(broken.into_iter().map(|(table, parent, rows)| match rows {
        1 => format!("a row of {table} refers to one of {parent} that is not there"),
        rows => format!("{rows} rows of {table} refer to {parent} that are not there"),
    }));
    Ok(faults)
}

/// Writes a copy of an SQLite database, as it is at one moment, into the empty or new file `to`, while
/// others read and write.
///
/// # Errors
/// When the database is none, or the file cannot be written.
pub async fn snapshot(db: &Db, to: &Path) -> Result<(), TransferError> {
    let Pools::Sqlite { write, .. } = &db.pools else {
        return Err(sqlx::Error::Protocol("only SQLite has a file to copy".into()).into());
    };
    let to = to.to_str().ok_or_else(|| sqlx::Error::Protocol("a path is not text".into()))?;
    // A connection of its own: readers may not write at all, and there is only one writer.
    let options = write.connect_options();
    let mut connection = options.as_ref().clone().create_if_missing(false).connect().await?;
    let done = sqlx::query("vacuum into $1").bind(to).execute(&mut connection).await;
    connection.close().await?;
    done?;
    Ok(())
}
