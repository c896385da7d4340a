//! The schema itself keeps organizations apart: what the catalogue of each engine says, and what
//! each guard listed there really does. These tests cover every table that is added.

mod confined;
mod outside;
mod references;
mod rights;

use crate::support::TestDatabase;
use crate::support::world::World;

/// The tables with an organization, and the table of organizations itself.
async fn tenant_tables(database: &TestDatabase) -> Vec<String> {
    let mut tables = Vec::new();
    for table in database.tables().await {
        if table == "organizations" || database.columns(&table).await.contains(&ORGANIZATION.into())
        {
            tables.push(table);
        }
    }
    assert!(tables.len() >= 19, "{tables:?}");
    tables
}

const ORGANIZATION: &str = "organization_id";

/// The column that says which organization a row belongs to.
fn key(table: &str) -> &'static str {
    if table == "organizations" { "id" } else { ORGANIZATION }
}

/// Two organizations, each with a row in every table that belongs to organizations. This includes
/// the queues, which are usually empty again at the end of a test.
async fn full_world() -> World {
    let world = World::new().await;
    let database = &world.app.database;
    // This makes the log of Globex the longer one.
    for name in ["One", "Two"] {
        let fields = [("name", name)];
        world.globex.owner.post("/orgs/globex/clients", &fields).await.expect(303);
    }
    database
        .execute(
            "insert into jobs (id, organization_id, kind, payload, attempts, run_at, created_at)
             select id, id, 'none', '', 0, created_at, created_at from organizations",
        )
        .await
        .unwrap();
    for table in tenant_tables(database).await {
        for slug in ["acme", "globex"] {
            let own = format!("(select id from organizations where slug = '{slug}')");
            let count = format!("select count(*) from {table} where {} = {own}", key(&table));
            assert!(
                database.number(&count).await > 0,
                "{table} has no row of {slug}: make one in the Fixture of its feature's tests"
            );
        }
    }
    world
}

async fn end(world: World) {
    world.app.database.execute("delete from jobs").await.unwrap();
}
