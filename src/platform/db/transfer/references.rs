//! Repairs references to missing rows in an SQLite database.

use std::collections::{BTreeMap, BTreeSet};

use super::TransferError;
use super::side::{Intent, Side};
use crate::platform::db::connect::Db;

/// The repairs of a table's references to another table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mended {
    /// References set to null.
    pub emptied: u64,
    /// Rows left out.
    pub left_out: u64,
}

/// The repairs, by the table and the table that its rows refer to.
pub(super) type ByReference = BTreeMap<(String, String), Mended>;

/// A row that refers to a missing one: its table, its rowid, the other table, and the number of the
/// foreign key.
type Broken = (String, Option<i64>, String, i64);

/// Repairs all references to missing rows: sets a nullable column of the reference to null
/// (`nullable`, as `table.column`), or else leaves out the row, until there are none left. Foreign
/// keys must be off.
pub(super) async fn mend(
    side: &mut Side,
    nullable: &BTreeSet<String>,
) -> Result<ByReference, TransferError> {
    let mut done = ByReference::new();
    let mut keys = BTreeMap::<(String, i64), Option<String>>::new();
    loop {
        let broken: Vec<Broken> = side.all("pragma foreign_key_check").await?;
        let Some((first, ..)) = broken.first() else { return Ok(done) };
        let first = first.clone();
        let mut changed = 0;
        for (table, row, parent, key) in broken {
            let Some(row) = row else { return Err(TransferError::BeyondRepair(table)) };
            let of = (table.clone(), key);
            if !keys.contains_key(&of) {
                keys.insert(of.clone(), column(side, &table, key, nullable).await?);
            }
            let mended = done.entry((table.clone(), parent)).or_default();
            if let Some(Some(column)) = keys.get(&of) {
                // A constraint may require a value nevertheless.
                let empty = format!(
                    "update or ignore \"{table}\" set \"{column}\" = null where rowid = {row}"
                );
                let emptied = side.run(&empty).await?;
                if emptied > 0 {
                    mended.emptied += emptied;
                    changed += emptied;
                    continue;
                }
            }
            let left_out =
                side.run(&format!("delete from \"{table}\" where rowid = {row}")).await?;
            mended.left_out += left_out;
            changed += left_out;
        }
        if changed == 0 {
            return Err(TransferError::BeyondRepair(first));
        }
    }
}

/// The slugs of the organizations without an owner: an operator has to appoint one before anybody
/// can act there. `db` must have the current schema.
///
/// # Errors
/// When the database does not respond.
pub async fn ownerless(db: &Db) -> Result<Vec<String>, TransferError> {
    let slugs: Vec<(String,)> = Side::begin(db, Intent::Read)
        .await?
        .all(
            "select o.slug from organizations o
             where o.deleted_at is null and not exists (
                select 1 from memberships m where m.organization_id = o.id and m.role = 'owner')
             order by o.slug",
        )
        .await?;
    Ok(slugs.into_iter().map(|(slug,)| slug).collect())
}

/// The nullable column of a foreign key.
async fn column(
    side: &mut Side,
    table: &str,
    key: i64,
    nullable: &BTreeSet<String>,
) -> Result<Option<String>, TransferError> {
    let columns: Vec<(String,)> = side
        .all(&format!(
            "select \"from\" from pragma_foreign_key_list('{table}') where id = {key} order by seq"
        ))
        .await?;
    let mut columns = columns.into_iter().map(|(column,)| column);
    Ok(columns.find(|column| nullable.contains(&format!("{table}.{column}"))))
}
