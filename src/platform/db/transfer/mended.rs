//! Repairs the values of damaged rows so that they fit the schema, and reports the repairs.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::references::Mended;
use super::tables::{Lacking, Table};
use super::value::Value;
use crate::platform::clock::Timestamp;

/// The repairs in the rows of one table, counted by column.
#[derive(Default)]
pub(super) struct Done {
    /// Texts that were read with a replacement character for damaged bytes.
    read: BTreeMap<String, u64>,
    /// Values that were set to null.
    emptied: BTreeMap<String, u64>,
    /// Times at which something ended that were set to the time of the repair.
    ended: BTreeMap<String, u64>,
    /// The ids of the first rows with repairs.
    ids: Vec<Uuid>,
    /// Rows left out because of a value.
    left_out: BTreeMap<String, u64>,
    /// Rows left out because they violate a constraint.
    pub unfit: u64,
}

/// Columns with the time at which something ended. If the time cannot be read, it has ended all the
/// same: an account stays suspended, a link used, a row deleted.
const ENDS: &[&str] = &[
    "answered_at",
    "archived_at",
    "closed_at",
    "deleted_at",
    "done_at",
    "ended_at",
    "removed_at",
    "replaced_at",
    "stopped_at",
    "suspended_at",
    "undone_at",
    "used_at",
];

/// How many ids of rows are listed for each table.
const IDS: usize = 5;

impl Done {
    /// Repairs the row; returns whether it can be kept.
    pub fn mends(
        &mut self,
        table: &Table,
        row: &mut [Value],
        nullable: &BTreeSet<String>,
        now: Timestamp,
    ) -> bool {
        let columns = || table.columns.iter().map(|(column, _)| column);
        let may_be_null = |column: &str| nullable.contains(&format!("{}.{column}", table.name));
        let lost = columns().zip(row.iter()).find(|(column, value)| {
            matches!(value, Value::Unreadable { is_text: false, .. }) && !may_be_null(column)
        });
        let id = columns().zip(row.iter()).find_map(|(column, value)| match value {
            Value::Uuid(id) if column == "id" => Some(*id),
            _ => None,
        });
        if row.iter().any(|value| matches!(value, Value::Unreadable { .. })) && self.ids.len() < IDS
        {
            self.ids.extend(id);
        }
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
                false if ENDS.contains(&column.as_str()) => (&mut self.ended, Value::Time(now)),
                false => (&mut self.emptied, Value::Nothing),
            };
            *done.entry(column.clone()).or_default() += 1;
            *value = mended;
        }
        true
    }

    pub fn lines(&self, table: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for (column, count) in &self.read {
            let values = many(*count, "value");
            lines.push(format!("{table}.{column}: � stands for what cannot be read in {values}"));
        }
        for (column, count) in &self.emptied {
            let values = many(*count, "unreadable value");
            let were = if *count == 1 { "was" } else { "were" };
            lines.push(format!("{table}.{column}: {values} {were} cleared"));
        }
        for (column, count) in &self.ended {
            let values = many(*count, "unreadable time");
            let were = if *count == 1 { "was" } else { "were" };
            lines.push(format!("{table}.{column}: {values} {were} set to now"));
        }
        for (column, count) in &self.left_out {
            let left_out = left_out(*count);
            lines.push(format!("{table}: {left_out}, whose {column} could not be read"));
        }
        if !self.ids.is_empty() {
            let ids: Vec<String> = self.ids.iter().map(Uuid::to_string).collect();
            lines.push(format!("{table}: the first of these rows: {}", ids.join(", ")));
        }
        if self.unfit > 0 {
            let (left_out, s) = (left_out(self.unfit), third_person(self.unfit));
            lines.push(format!("{table}: {left_out}, which break{s} a rule of the schema"));
        }
        lines
    }
}

pub(super) fn absent(lacking: &Lacking) -> Vec<String> {
    let tables = lacking.tables.iter();
    let tables = tables.map(|table| format!("{table}: the table was missing, and is empty now"));
    let columns = lacking.columns.iter();
    let columns =
        columns.map(|column| format!("{column}: the column was missing, and is empty now"));
    tables.chain(columns).collect()
}

pub(super) fn of_references(table: &str, parent: &str, mended: Mended) -> Vec<String> {
    let Mended { emptied, left_out: rows } = mended;
    let mut lines = Vec::new();
    if emptied > 0 {
        let (references, were) =
            (many(emptied, "reference"), if emptied == 1 { "was" } else { "were" });
        lines.push(format!("{table}: {references} to missing {parent} {were} cleared"));
    }
    if rows > 0 {
        let (left_out, s) = (left_out(rows), third_person(rows));
        lines.push(format!("{table}: {left_out}, which refer{s} to missing {parent}"));
    }
    lines
}

pub(super) fn many(count: u64, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

fn left_out(rows: u64) -> String {
    format!("{} {} left out", many(rows, "row"), if rows == 1 { "was" } else { "were" })
}

fn third_person(rows: u64) -> &'static str {
    if rows == 1 { "s" } else { "" }
}
