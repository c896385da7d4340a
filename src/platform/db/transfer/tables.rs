//! The schema's tables, in an order in which they can be filled, and the comparison of a database's
//! catalogue with them.

use std::collections::{BTreeMap, BTreeSet};

use super::TransferError;
use super::side::Side;
use super::value::{Kind, Value};

/// Tables that the migrations fill: their rows belong to the schema, not to what people have
/// entered.
const OF_THE_SCHEMA: &[&str] = &["_sqlx_migrations", "data_migrations"];

/// The table with a backup's manifest, which no installation has.
pub(in crate::platform) const MANIFEST: &str = "backup";
/// The columns of that table.
const OF_A_MANIFEST: [&str; 2] = ["digest", "manifest"];

/// A table, with its columns ordered by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub name: String,
    pub columns: Vec<(String, Kind)>,
    /// The tables that its rows refer to.
    pub refers_to: BTreeSet<String>,
}

impl Table {
    /// Its columns, as a list for a statement.
    pub fn list(&self) -> String {
        let names: Vec<String> =
            self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        names.join(", ")
    }

    pub fn select(&self) -> String {
        format!("select {} from \"{}\"", self.list(), self.name)
    }

    /// The part of a statement after the verb, to insert `rows` rows.
    pub fn insert(&self, rows: usize) -> String {
        let width = self.columns.len();
        let row = |nth: usize| {
            let places: Vec<String> =
                (1..=width).map(|at| format!("${}", nth * width + at)).collect();
            format!("({})", places.join(", "))
        };
        let rows: Vec<String> = (0..rows).map(row).collect();
        format!("into \"{}\" ({}) values {}", self.name, self.list(), rows.join(", "))
    }

    /// The columns of a row that cannot be read.
    pub fn unreadable<'a>(&'a self, row: &'a [Value]) -> impl Iterator<Item = &'a str> {
        let columns = self.columns.iter().zip(row);
        columns
            .filter(|(_, value)| matches!(value, Value::Unreadable { .. }))
            .map(|((name, _), _)| name.as_str())
    }

    /// This table without the columns in `lacking`.
    pub fn without(&self, lacking: &Lacking) -> Self {
        let is_there = |column: &str| !lacking.columns.contains(&format!("{}.{column}", self.name));
        let mut table = self.clone();
        table.columns.retain(|(column, _)| is_there(column));
        table
    }
}

/// What a database lacks of the schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lacking {
    pub tables: BTreeSet<String>,
    /// As `table.column`.
    pub columns: BTreeSet<String>,
    /// Columns with another type than in the schema.
    pub retyped: BTreeSet<String>,
}

impl Lacking {
    /// The beginning of a sentence for each.
    pub fn words(&self) -> Vec<String> {
        let missing = self.tables.iter().map(|table| format!("the table {table} is missing"));
        let columns = self.columns.iter().map(|column| format!("the column {column} is missing"));
        let retyped = self.retyped.iter().map(|column| format!("{column} is of another type"));
        missing.chain(columns).chain(retyped).collect()
    }

    /// Whether `table` is complete.
    pub fn spares(&self, table: &Table) -> bool {
        let is_of_it = |column: &String| {
            column.strip_prefix(&table.name).is_some_and(|rest| rest.starts_with('.'))
        };
        !self.tables.contains(&table.name)
            && !self.columns.iter().chain(&self.retyped).any(is_of_it)
    }
}

/// A comparison of a database with the schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Compared {
    pub lacking: Lacking,
    /// What it contains besides the schema: tables, and columns as `table.column`, sorted.
    pub beyond: Vec<String>,
}

const SQLITE_TABLES: &str = "select name from sqlite_schema
    where type = 'table' and name not like 'sqlite\\_%' escape '\\' order by 1";
/// The columns of a table that belongs to an unknown module cannot even be queried.
const SQLITE_COLUMNS: &str = "select t.name, c.name, c.type
    from sqlite_schema t join pragma_table_info(t.name) c
    where t.type = 'table' and t.name in ({names})
    order by t.name, c.name";
const SQLITE_REFERENCES: &str = "select distinct t.name, k.\"table\"
    from sqlite_schema t join pragma_foreign_key_list(t.name) k
    where t.type = 'table' and t.name in ({names})";

/// Tables of an extension are not ours to copy.
const POSTGRES_TABLES: &str = "select c.relname::text
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
    where c.relkind in ('r', 'p', 'f') and not exists (
        select 1 from pg_depend d
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
    order by c.relname collate \"C\"";
const POSTGRES_COLUMNS: &str =
    "select c.relname::text, a.attname::text, format_type(a.atttypid, null)
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind in ('r', 'p') and c.relname in ({names})
    order by c.relname collate \"C\", a.attname collate \"C\"";
const POSTGRES_REFERENCES: &str = "select distinct c.relname::text, r.relname::text
    from pg_constraint k
    join pg_class c on c.oid = k.conrelid
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
    join pg_class r on r.oid = k.confrelid
    where k.contype = 'f' and c.relname in ({names})";

/// `sql` about the tables with these names.
pub(super) fn about<'a>(sql: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> =
        names.into_iter().map(|name| format!("'{}'", name.replace('\'', "''"))).collect();
    let names = if names.is_empty() { "''".to_owned() } else { names.join(", ") };
    sql.replace("{names}", &names)
}

/// The names of all tables except those that the migrations fill.
pub(super) async fn names(side: &mut Side) -> Result<Vec<String>, TransferError> {
    let sql = if matches!(side, Side::Sqlite(_)) { SQLITE_TABLES } else { POSTGRES_TABLES };
    let names: Vec<(String,)> = side.all(sql).await?;
    let names = names.into_iter().map(|(name,)| name);
    Ok(names.filter(|name| !OF_THE_SCHEMA.contains(&name.as_str())).collect())
}

/// The columns of these tables, with their declared types.
async fn columns(
    side: &mut Side,
    names: &[&str],
) -> Result<BTreeMap<String, BTreeMap<String, String>>, TransferError> {
    let sql = if matches!(side, Side::Sqlite(_)) { SQLITE_COLUMNS } else { POSTGRES_COLUMNS };
    let columns: Vec<(String, String, String)> =
        side.all(&about(sql, names.iter().copied())).await?;
    let mut found = BTreeMap::<String, BTreeMap<String, String>>::new();
    for (table, column, declared) in columns {
        found.entry(table).or_default().insert(column, declared);
    }
    Ok(found)
}

/// The tables with what people have entered, referenced tables first, of a database that contains
/// only the schema.
pub(super) async fn tables(side: &mut Side) -> Result<Vec<Table>, TransferError> {
    let names = names(side).await?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let references = match side {
        Side::Sqlite(_) => SQLITE_REFERENCES,
        Side::Postgres(_) => POSTGRES_REFERENCES,
    };
    let references: Vec<(String, String)> =
        side.all(&about(references, names.iter().copied())).await?;
    let mut found = BTreeMap::<String, Table>::new();
    for (name, columns) in columns(side, &names).await? {
        let mut table = Table { name, columns: Vec::new(), refers_to: BTreeSet::new() };
        for (column, declared) in columns {
            let Some(kind) = Kind::of(&declared) else {
                return Err(TransferError::Unknown { table: table.name, column, declared });
            };
            table.columns.push((column, kind));
        }
        found.insert(table.name.clone(), table);
    }
    for (table, to) in references {
        if let Some(found) = found.get_mut(&table).filter(|_| table != to) {
            found.refers_to.insert(to);
        }
    }
    in_order(found.into_values().collect())
}

/// Compares the database with the schema, whose tables are `schema`.
pub(super) async fn compare(side: &mut Side, schema: &[Table]) -> Result<Compared, TransferError> {
    let ours: Vec<&str> = schema.iter().map(|table| table.name.as_str()).collect();
    let asked: Vec<&str> = ours.iter().copied().chain([MANIFEST]).collect();
    let found = columns(side, &asked).await?;
    let mut compared = Compared::default();
    for Table { name, columns, .. } in schema {
        let Some(there) = found.get(name) else {
            compared.lacking.tables.insert(name.clone());
            continue;
        };
        for (column, kind) in columns {
            let full = format!("{name}.{column}");
            match there.get(column).map(|declared| Kind::of(declared)) {
                Some(Some(found)) if found == *kind => {}
                Some(_) => drop(compared.lacking.retyped.insert(full)),
                None => drop(compared.lacking.columns.insert(full)),
            }
        }
        let is_ours = |column: &&String| columns.iter().any(|(name, _)| name == *column);
        let beyond = there.keys().filter(|column| !is_ours(column));
        compared.beyond.extend(beyond.map(|column| format!("{name}.{column}")));
    }
    let is_manifest = |name: &str| {
        name == MANIFEST && found.get(name).is_some_and(|there| there.keys().eq(OF_A_MANIFEST))
    };
    let names = names(side).await?;
    let others = names.into_iter().filter(|name| !ours.contains(&name.as_str()));
    compared.beyond.extend(others.filter(|name| !is_manifest(name)));
    compared.beyond.sort();
    Ok(compared)
}

/// Sorts the tables so that each comes after all that it refers to.
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
