//! The tables of a database as its own catalogue tells of them, in an order in which they can be filled.

use std::collections::{BTreeMap, BTreeSet};

use super::TransferError;
use super::side::Side;
use super::value::Kind;

/// Tables that the migrations themselves fill: what they hold belongs to the schema and not to what
/// people have entered.
const OF_THE_SCHEMA: &[&str] = &["_sqlx_migrations", "data_migrations"];

/// What a backup says about itself; no table of an installation.
pub(in crate::platform) const MANIFEST: &str = "backup";

/// A table with its columns, which are in the order of their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub name: String,
    pub columns: Vec<(String, Kind)>,
    /// The tables that its rows refer to.
    pub refers_to: BTreeSet<String>,
}

impl Table {
    /// Its columns, as a statement names them.
    pub fn list(&self) -> String {
        let names: Vec<String> =
            self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        names.join(", ")
    }

    pub fn select(&self) -> String {
        format!("select {} from \"{}\"", self.list(), self.name)
    }

    /// A statement that inserts so many rows.
    pub fn insert(&self, rows: usize) -> String {
        let width = self.columns.len();
        let row = |nth: usize| {
            let places: Vec<String> =
                (1..=width).map(|at| format!("${}", nth * width + at)).collect();
            format!("({})", places.join(", "))
        };
        let rows: Vec<String> = (0..rows).map(row).collect();
        format!("insert into \"{}\" ({}) values {}", self.name, self.list(), rows.join(", "))
    }
}

/// Table, column and declared type of everything, sorted.
const SQLITE_COLUMNS: &str = "select t.name, c.name, c.type
    from sqlite_schema t join pragma_table_info(t.name) c
    where t.type = 'table' and t.name not like 'sqlite\\_%' escape '\\'
    order by t.name, c.name";
const SQLITE_REFERENCES: &str = "select distinct t.name, k.\"table\"
    from sqlite_schema t join pragma_foreign_key_list(t.name) k
    where t.type = 'table'";

/// What belongs to an extension is not ours to copy.
const POSTGRES_COLUMNS: &str =
    "select c.relname::text, a.attname::text, format_type(a.atttypid, null)
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind in ('r', 'p') and not exists (
        select 1 from pg_depend d
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
    order by c.relname collate \"C\", a.attname collate \"C\"";
const POSTGRES_REFERENCES: &str = "select distinct c.relname::text, r.relname::text
    from pg_constraint k
    join pg_class c on c.oid = k.conrelid
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
    join pg_class r on r.oid = k.confrelid
    where k.contype = 'f'";

/// The tables that hold what people have entered, those first that others refer to.
pub(super) async fn tables(side: &mut Side) -> Result<Vec<Table>, TransferError> {
    let (columns, references) = match side {
        Side::Sqlite(_) => (SQLITE_COLUMNS, SQLITE_REFERENCES),
        Side::Postgres(_) => (POSTGRES_COLUMNS, POSTGRES_REFERENCES),
    };
    let columns: Vec<(String, String, String)> = side.all(columns).await?;
    let references: Vec<(String, String)> = side.all(references).await?;
    let mut found = BTreeMap::<String, Table>::new();
    for (table, column, declared) in columns {
        if OF_THE_SCHEMA.contains(&table.as_str()) || table == MANIFEST {
            continue;
        }
        let Some(kind) = Kind::of(&declared) else {
            return Err(TransferError::Unknown { table, column, declared });
        };
        let entry = found.entry(table.clone()).or_insert_with(|| Table {
            name: table,
            columns: Vec::new(),
            refers_to: BTreeSet::new(),
        });
        entry.columns.push((column, kind));
    }
    for (table, to) in references {
        if let Some(found) = found.get_mut(&table).filter(|_| table != to) {
            found.refers_to.insert(to);
        }
    }
    in_order(found.into_values().collect())
}

/// Each table behind all that it refers to.
fn in_order(mut waiting: Vec<Table>) -> Result<Vec<Table>, TransferError> {
    let mut ordered: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let names: BTreeSet<String> = waiting.iter().map(|table| table.name.clone()).collect();
        let (ready, rest): (Vec<Table>, Vec<Table>) =
            waiting.into_iter().partition(|table| table.refers_to.is_disjoint(&names));
        if ready.is_empty() {
            let names: Vec<String> = names.into_iter().collect();
            return Err(TransferError::Circle(names.join(", ")));
        }
        ordered.extend(ready);
        waiting = rest;
    }
    Ok(ordered)
}

/// How a foreign key is broken on SQLite, where a statement can have been run with them switched off.
pub(super) async fn broken_reference(side: &mut Side) -> Result<Option<String>, TransferError> {
    let Side::Sqlite(tx) = side else { return Ok(None) };
    let broken: Vec<(String, String)> = sqlx::query_as(
        "select \"table\", \"parent\" from pragma_foreign_key_check order by 1, 2 limit 1",
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(broken.into_iter().next().map(|(table, parent)| {
        format!("a row of {table} refers to one of {parent} that is not there")
    }))
}
