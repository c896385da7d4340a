//! Everything that people have entered, carried from one database to another of the same schema, on
//! either engine: what backups, their restoring and a move to the other engine are made of.
//!
//! It is read in one transaction and written in one, row by row, in constant memory. A digest of each
//! table's rows is alike on both engines, so that what was written is read again and compared.

mod side;
mod tables;
mod value;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::{ConnectOptions, Connection};

use self::side::Side;
use self::tables::Table;
use self::value::Value;
use super::connect::{Db, Pools, ReadOrWrite};

pub(in crate::platform) use self::tables::MANIFEST;

/// Parameters of one statement, at most: fewer than either engine takes.
const PARAMETERS: usize = 2000;
/// Bytes that are held until they are written, about.
const BYTES: usize = 1 << 20;

/// What a service writes by itself when it starts on a database that is otherwise empty.
const OF_A_START: &[&str] = &["clock", "heartbeats", "secret_keys"];

/// Why rows were not carried over.
#[derive(Debug)]
pub enum TransferError {
    /// The database does not answer, or refuses.
    Database(sqlx::Error),
    /// A row cannot be read or written.
    Row {
        /// Its table.
        table: String,
        /// What the database says.
        error: sqlx::Error,
    },
    /// On PostgreSQL: this role is not the owner of the tables.
    NotTheOwner(String),
    /// On PostgreSQL: rows of this table are hidden, because its policy for backups is missing.
    Hidden(String),
    /// A column has a type that is not known here.
    Unknown {
        /// Its table.
        table: String,
        /// Its name.
        column: String,
        /// The type.
        declared: String,
    },
    /// These tables refer to each other in a circle.
    Circle(String),
    /// The two databases have different tables or columns: the first table that differs.
    Different(String),
    /// The target holds something already: its tables with their numbers of rows.
    NotEmpty(Vec<(String, u64)>),
    /// What was written is not what was read.
    NotAlike(String),
}

impl fmt::Display for TransferError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => error.fmt(f),
            Self::Row { table, error } => write!(f, "{table}: {error}"),
            Self::NotTheOwner(role) => write!(
                f,
                "the role {role} may not read every organization's rows, by design. Use the URL of \
                 the database's owner, as for `tenantry migrate`"
            ),
            Self::Hidden(table) => write!(
                f,
                "the rows of {table} are hidden from a backup. Run `tenantry migrate` with the URL \
                 of the database's owner, which mends that"
            ),
            Self::Unknown { table, column, declared } => {
                write!(f, "{table}.{column} is a {declared}, which is not known here")
            }
            Self::Circle(tables) => write!(f, "{tables} refer to each other in a circle"),
            Self::Different(table) => write!(f, "the table {table} differs between the databases"),
            Self::NotEmpty(tables) => {
                let tables: Vec<String> =
                    tables.iter().take(5).map(|(name, rows)| format!("{name}: {rows}")).collect();
                write!(f, "it is not empty (rows in {})", tables.join(", "))
            }
            Self::NotAlike(table) => {
                write!(f, "what was written to {table} is not what was read; nothing was kept")
            }
        }
    }
}

impl std::error::Error for TransferError {}

impl From<sqlx::Error> for TransferError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// The rows of a table, counted, and in one number that changes with any of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// How many.
    pub rows: u64,
    /// The SHA-256 of each row, added up in four parts, in hexadecimal: in whatever order they come.
    pub digest: String,
}

/// What every table holds, by its name.
pub type Sums = BTreeMap<String, Sum>;

#[derive(Default)]
struct Summing {
    rows: u64,
    parts: [u64; 4],
    bytes: Vec<u8>,
}

impl Summing {
    fn add(&mut self, row: &[Value]) {
        self.bytes.clear();
        row.iter().for_each(|value| value.digest_into(&mut self.bytes));
        let digest = Sha256::digest(&self.bytes);
        for (part, bytes) in self.parts.iter_mut().zip(digest.chunks_exact(8)) {
            let number = bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte));
            *part = part.wrapping_add(number);
        }
        self.rows += 1;
    }

    fn sum(&self) -> Sum {
        let digest = self.parts.iter().map(|part| format!("{part:016x}")).collect();
        Sum { rows: self.rows, digest }
    }
}

/// Copies everything from `from` into `to`, which has the same schema and is empty, and compares what
/// is there afterwards; gives what that is. Cut off at any moment, it leaves nothing behind.
///
/// # Errors
/// See [`TransferError`].
pub async fn copy(from: &Db, to: &Db) -> Result<Sums, TransferError> {
    let mut source = Side::begin(from, ReadOrWrite::Read).await?;
    let mut target = Side::begin(to, ReadOrWrite::Write).await?;
    let tables = tables::tables(&mut source).await?;
    expect_alike(&tables, &tables::tables(&mut target).await?)?;
    let triggers = target.unguard(&tables).await?;
    let found = rows(&mut target, &tables).await?;
    let found: Vec<_> =
        found.into_iter().filter(|(name, _)| !OF_A_START.contains(&name.as_str())).collect();
    if !found.is_empty() {
        return Err(TransferError::NotEmpty(found));
    }
    for table in OF_A_START {
        target.empty(table).await?;
    }
    let mut read = Sums::new();
    for table in &tables {
        read.insert(table.name.clone(), carry(table, &mut source, &mut target).await?);
    }
    let written = sum_up(&mut target, &tables).await?;
    if let Some((table, _)) = read.iter().find(|(name, sum)| written.get(*name) != Some(*sum)) {
        return Err(TransferError::NotAlike(table.clone()));
    }
    target.guard(&tables, triggers).await?;
    target.commit().await?;
    Ok(read)
}

async fn carry(table: &Table, source: &mut Side, target: &mut Side) -> Result<Sum, TransferError> {
    let select = table.select();
    let at_once = (PARAMETERS / table.columns.len()).max(1);
    let mut summing = Summing::default();
    let (mut batch, mut bytes) = (Vec::new(), 0);
    let mut rows = source.rows(table, &select);
    while let Some(row) = rows.try_next().await? {
        summing.add(&row);
        bytes += row.iter().map(Value::size).sum::<usize>();
        batch.push(row);
        if batch.len() == at_once || bytes >= BYTES {
            target.insert(table, &batch).await?;
            (batch, bytes) = (Vec::new(), 0);
        }
    }
    if !batch.is_empty() {
        target.insert(table, &batch).await?;
    }
    Ok(summing.sum())
}

fn expect_alike(ours: &[Table], theirs: &[Table]) -> Result<(), TransferError> {
    let by_name = |tables: &[Table]| -> BTreeMap<String, Vec<_>> {
        tables.iter().map(|table| (table.name.clone(), table.columns.clone())).collect()
    };
    let (ours, theirs) = (by_name(ours), by_name(theirs));
    let names = ours.keys().chain(theirs.keys());
    match names.into_iter().find(|name| ours.get(*name) != theirs.get(*name)) {
        Some(name) => Err(TransferError::Different(name.clone())),
        None => Ok(()),
    }
}

/// The tables that are not empty, with how many rows they have.
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

/// What is in the way of a restored backup, or of a database that is moved here: the tables that are
/// not empty, with how many rows they have.
///
/// # Errors
/// See [`TransferError`].
pub async fn in_the_way(db: &Db) -> Result<Vec<(String, u64)>, TransferError> {
    let mut side = Side::begin(db, ReadOrWrite::Write).await?;
    let tables = tables::tables(&mut side).await?;
    // Whatever the state in which somebody was cut off; it is rolled back.
    side.unguard(&tables).await?;
    let mut found = rows(&mut side, &tables).await?;
    found.retain(|(name, _)| !OF_A_START.contains(&name.as_str()));
    Ok(found)
}

/// What every table holds.
///
/// # Errors
/// See [`TransferError`].
pub async fn sums(db: &Db) -> Result<Sums, TransferError> {
    let mut side = Side::begin(db, ReadOrWrite::Read).await?;
    let tables = tables::tables(&mut side).await?;
    sum_up(&mut side, &tables).await
}

async fn sum_up(side: &mut Side, tables: &[Table]) -> Result<Sums, TransferError> {
    let mut sums = Sums::new();
    for table in tables {
        let select = table.select();
        let mut summing = Summing::default();
        let mut rows = side.rows(table, &select);
        while let Some(row) = rows.try_next().await? {
            summing.add(&row);
        }
        drop(rows);
        sums.insert(table.name.clone(), summing.sum());
    }
    Ok(sums)
}

/// What is wrong with an SQLite file as a file, and with what its rows refer to; `None` where nothing is.
///
/// # Errors
/// When it cannot even be looked at.
pub async fn damage(db: &Db) -> Result<Option<String>, TransferError> {
    let mut side = Side::begin(db, ReadOrWrite::Read).await?;
    let words: Vec<(String,)> = side.all("pragma integrity_check(1)").await?;
    match words.into_iter().next() {
        Some((words,)) if words == "ok" => tables::broken_reference(&mut side).await,
        Some((words,)) => Ok(Some(words)),
        None => Ok(Some("its integrity cannot be checked".to_owned())),
    }
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

/// On PostgreSQL, how many other connections say that they are Tenantry's.
///
/// # Errors
/// When the database does not answer.
pub async fn others_connected(db: &Db) -> Result<u64, TransferError> {
    let Some(pool) = db.postgres() else { return Ok(0) };
    let mut tx = pool.begin().await?;
    let count: i64 = sqlx::query_scalar(
        "select count(*) from pg_stat_activity
         where datname = current_database() and application_name = 'tenantry'
            and usename <> current_user",
    )
    .persistent(false)
    .fetch_one(&mut *tx)
    .await?;
    Ok(count.unsigned_abs())
}
