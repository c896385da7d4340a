//! The order in which transactions lock rows.

use std::collections::BTreeSet;

use tenantry::platform::db::locks::{locked_by, order};
use tenantry::platform::db::statement;

use crate::support::TestDatabase;

#[tokio::test]
async fn every_table_that_a_statement_locks_has_its_place_in_the_order() {
    let placed: BTreeSet<&str> = order().iter().copied().collect();
    assert_eq!(placed.len(), order().len(), "a table stands twice");
    let tables = TestDatabase::create().await.tables().await;
    for table in &placed {
        assert!(tables.iter().any(|known| known == table), "{table} is no table");
    }
    let mut locked = BTreeSet::new();
    for statement in statement::all() {
        for table in locked_by(statement.postgres) {
            assert!(placed.contains(table), "{}:{}: {table}", statement.file, statement.line);
            locked.insert(table);
        }
    }
    assert_eq!(placed, locked, "what stands in the order and is never locked");
}
