//! Rows on their way, gathered until they are worth a statement.

use super::tables::Table;
use super::value::Value;

/// Parameters of one statement, at most: fewer than either engine takes.
const PARAMETERS: usize = 2000;
/// Bytes that are held until they are written, about.
const BYTES: usize = 1 << 20;

/// Rows of one table that are not written yet.
pub(super) struct Batch {
    rows: Vec<Vec<Value>>,
    bytes: usize,
    most: usize,
}

impl Batch {
    /// None yet, of `table`, which has columns.
    pub fn of(table: &Table) -> Self {
        Self { rows: Vec::new(), bytes: 0, most: (PARAMETERS / table.columns.len()).max(1) }
    }

    /// Adds a row; gives all of them as soon as they are enough for one statement.
    pub fn add(&mut self, row: Vec<Value>) -> Option<Vec<Vec<Value>>> {
        self.bytes += row.iter().map(Value::size).sum::<usize>();
        self.rows.push(row);
        let is_full = self.rows.len() == self.most || self.bytes >= BYTES;
        is_full.then(|| self.take()).flatten()
    }

    /// Gives what is left, if anything is.
    pub fn take(&mut self) -> Option<Vec<Vec<Value>>> {
        self.bytes = 0;
        Some(std::mem::take(&mut self.rows)).filter(|rows| !rows.is_empty())
    }
}
