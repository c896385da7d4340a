//! What the application's role may do on PostgreSQL.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, Executor};
use tenantry::platform::config::DATABASE_ROLE;
use tenantry::platform::db::grants::LOOKUP_ROLE;
use tenantry::platform::db::tables;

use super::{end, full_world, tenant_tables};

#[tokio::test]
async fn the_applications_role_has_what_it_needs_and_no_more() {
    let world = full_world().await;
    let database = &world.app.database;
    if database.is_postgres() {
        let given: BTreeSet<String> = database
            .texts(&format!(
                "select table_name || ' ' || lower(privilege_type)
                 from information_schema.role_table_grants
                 where grantee in ('{DATABASE_ROLE}', 'PUBLIC') and table_schema = 'public'"
            ))
            .await
            .into_iter()
            .collect();
        let listed: BTreeSet<String> = tables::all()
            .flat_map(|table| {
                table.rights.split(", ").map(move |right| format!("{} {right}", table.name))
            })
            .collect();
        assert_eq!(given, listed, "what is granted, and what is on the list");
        // Statements outside organizations cannot reach the tenants' work at all.
        let looked_up = database
            .texts(&format!(
                "select distinct table_name::text from information_schema.role_table_grants
                 where grantee = '{LOOKUP_ROLE}' and table_schema = 'public' order by 1"
            ))
            .await;
        for table in ["clients", "projects", "project_members", "tasks", "comments"] {
            assert!(!looked_up.iter().any(|name| name == table), "{table}");
        }
        let tables: BTreeSet<String> = database.tables().await.into_iter().collect();
        let known: BTreeSet<String> = tables::all().map(|table| table.name.to_owned()).collect();
        assert_eq!(tables, known, "a table that stands in no list");
        let mut app = database.as_application().await;
        for table in &tables {
            for statement in [
                format!("alter table {table} disable row level security"),
                format!("alter table {table} no force row level security"),
                format!("alter table {table} disable trigger all"),
                format!("alter table {table} add column sneaked_in text"),
                format!("create policy sneaked_in on {table} using (true)"),
                format!(
                    "create trigger sneaked_in before update on {table}
                    for each row execute function refuse_another_organization()"
                ),
                format!("drop table {table}"),
                format!("truncate {table}"),
            ] {
                let refused = app.execute(AssertSqlSafe(statement.clone())).await;
                assert!(is_denied(refused), "{statement}");
            }
        }
        let owner = database.texts("select current_user::text").await.remove(0);
        for table in tenant_tables(database).await {
            let refused =
                app.execute(AssertSqlSafe(format!("drop policy tenant on {table}"))).await;
            assert!(is_denied(refused), "the policy on {table}");
        }
        for statement in [
            "create table sneaked_in (id bigint)",
            "create function sneaked_in() returns bigint language sql as 'select 1'",
            "create schema sneaked_in",
            "set session_replication_role = 'replica'",
            &format!("set role {owner}"),
            // The setting itself is accepted, but then nothing can be read any more.
            "set row_security = off; select * from clients",
        ] {
            let refused = app.execute(sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))).await;
            assert!(is_denied(refused), "{statement}");
        }
    }
    end(world).await;
}

fn is_denied<T>(result: Result<T, sqlx::Error>) -> bool {
    match result {
        Ok(_) => false,
        Err(error) => {
            let words = error.to_string();
            ["must be owner", "permission denied", "would be affected by row-level security"]
                .iter()
                .any(|denied| words.contains(denied))
        }
    }
}
