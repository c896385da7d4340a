//! Gathers rows until there are enough for one statement.

use super::tables::Table;
use super::value::Value;

/// The most parameters of one statement: fewer than either engine allows.
const PARAMETERS: usize = 2000;
/// About how many bytes are held before they are written.
const BYTES: usize = 1 << 20;

/// Rows of one table that are not written yet.
pub(super) struct Batch {
    rows: Vec<Vec<Value>>,
    bytes: usize,
    most: usize,
}

impl Batch {
    /// An empty batch for `table`, which must have columns.
    pub fn of(table: &Table) -> Self {
        Self { rows: Vec::new(), bytes: 0, most: (PARAMETERS / table.columns.len()).max(1) }
    }

    /// Adds a row; returns all rows as soon as they are enough for one statement.
    pub fn add(&mut self, row: Vec<Value>) -> Option<Vec<Vec<Value>>> {
        self.bytes += row.iter().map(Value::size).sum::<usize>();
        self.rows.push(row);
        let is_full = self.rows.len() == self.most || self.bytes >= BYTES;
        is_full.then(|| self.take()).flatten()
    }

    /// Returns the remaining rows, if there are any.
    pub fn take(&mut self) -> Option<Vec<Vec<Value>>> {
        self.bytes = 0;
        Some(std::mem::take(&mut self.rows)).filter(|rows| !rows.is_empty())
    }
}
