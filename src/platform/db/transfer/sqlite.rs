//! Work on SQLite files only: reading the schema of a file, copying files, and finding damage.

use std::collections::BTreeMap;
use std::path::Path;

use sqlx::{ConnectOptions, Connection};

use super::TransferError;
use super::side::{Intent, Side};
use super::tables::{MANIFEST, Table, tables};
use crate::platform::db::connect::{Db, Pools};

/// How many faults of a file are listed.
const FAULTS: usize = 20;

/// The schema, as the migrations create it.
#[derive(Clone, Debug)]
pub struct Layout {
    tables: Vec<Table>,
    /// SQLite's tables, indexes, triggers and views, by kind and name, with the statements that
    /// create them.
    objects: BTreeMap<(String, String), String>,
}

impl Layout {
    pub(super) fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Whether there is a table with this name.
    pub fn has(&self, table: &str) -> bool {
        self.tables.iter().any(|own| own.name == table)
    }
}

const OBJECTS: &str = "select type, name, sql from sqlite_schema
    where sql is not null and name not like 'sqlite\\_%' escape '\\'";

/// Reads the schema from an SQLite database that has just been migrated and is empty.
///
/// # Errors
/// When it cannot be read, or when a column has an unknown type.
pub async fn layout(db: &Db) -> Result<Layout, TransferError> {
    let mut side = Side::begin(db, Intent::Read).await?;
    let objects: Vec<(String, String, String)> = side.all(OBJECTS).await?;
    let objects = objects.into_iter().map(|(kind, name, sql)| ((kind, name), sql)).collect();
    Ok(Layout { tables: tables(&mut side).await?, objects })
}

/// Removes everything that does not belong to the schema from an SQLite database that is only
/// examined: foreign triggers and views could break migrations, and foreign tables would be
/// checked. What cannot be removed stays. Returns the missing unique indexes of the schema, each as
/// the beginning of a sentence.
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
    // A table of an unknown module cannot be dropped, and has no pages of its own. The last
    // statement changes the schema, which makes other connections read it again.
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

/// What is wrong with an SQLite file and with the references of its rows, each as the beginning of
/// a sentence.
///
/// # Errors
/// When it cannot be examined at all.
pub async fn damage(db: &Db) -> Result<Vec<String>, TransferError> {
    let mut side = Side::begin(db, Intent::Read).await?;
    let words: Vec<(String,)> = side.all(&format!("pragma integrity_check({FAULTS})")).await?;
    let mut faults: Vec<String> =
        words.into_iter().map(|(words,)| words).filter(|words| words != "ok").collect();
    // A statement may have run with foreign keys turned off.
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

/// Writes a snapshot of an SQLite database to the empty or new file `to`, while others read and
/// write.
///
/// # Errors
/// When the database is not SQLite, or the file cannot be written.
pub async fn snapshot(db: &Db, to: &Path) -> Result<(), TransferError> {
    let Pools::Sqlite { write, .. } = &db.pools else {
        return Err(sqlx::Error::Protocol("only SQLite has a file to copy".into()).into());
    };
    let to = to.to_str().ok_or_else(|| sqlx::Error::Protocol("a path is not text".into()))?;
    // A separate connection: readers cannot write, and there is only one writer.
    let options = write.connect_options();
    let mut connection = options.as_ref().clone().create_if_missing(false).connect().await?;
    let done = sqlx::query("vacuum into $1").bind(to).execute(&mut connection).await;
    connection.close().await?;
    done?;
    Ok(())
}
