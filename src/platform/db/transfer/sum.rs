//! Sums of tables that are equal on both engines.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::TransferError;
use super::side::Side;
use super::tables::Table;
use super::value::Value;

/// The number of a table's rows, and a digest that changes with any of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// The number of rows.
    pub rows: u64,
    /// The SHA-256 of each row, added up in four parts, in hexadecimal; the order of rows does not
    /// matter.
    pub digest: String,
}

/// The sums of tables, by name.
pub type Sums = BTreeMap<String, Sum>;

#[derive(Default)]
pub(super) struct Summing {
    rows: u64,
    parts: [u64; 4],
    bytes: Vec<u8>,
}

impl Summing {
    pub fn add(&mut self, row: &[Value]) {
        self.bytes.clear();
        row.iter().for_each(|value| value.digest_into(&mut self.bytes));
        let digest = Sha256::digest(&self.bytes);
        for (part, bytes) in self.parts.iter_mut().zip(digest.chunks_exact(8)) {
            let number = bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte));
            *part = part.wrapping_add(number);
        }
        self.rows += 1;
    }

    pub fn sum(&self) -> Sum {
        let digest = self.parts.iter().map(|part| format!("{part:016x}")).collect();
        Sum { rows: self.rows, digest }
    }
}

/// Computes the sums of these tables, and notes the columns (`table.column`) with a value that
/// cannot be read.
pub(super) async fn sum_up(
    side: &mut Side,
    tables: &[Table],
    unreadable: &mut BTreeSet<String>,
) -> Result<Sums, TransferError> {
    let mut sums = Sums::new();
    for table in tables {
        let select = table.select();
        let mut summing = Summing::default();
        let mut rows = side.rows(table, &select);
        while let Some(row) = rows.try_next().await? {
            summing.add(&row);
            unreadable
                .extend(table.unreadable(&row).map(|column| format!("{}.{column}", table.name)));
        }
        drop(rows);
        sums.insert(table.name.clone(), summing.sum());
    }
    Ok(sums)
}
