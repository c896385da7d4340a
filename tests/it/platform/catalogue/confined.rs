//! Row-level security on PostgreSQL: each table has it, and it confines.

use sqlx::{AssertSqlSafe, Executor, PgConnection};
use tenantry::platform::db::grants::LOOKUP_ROLE;
use tenantry::platform::db::safety::{self, LOOKUPS};
use tenantry::platform::db::{Db, tables};

use super::{end, full_world, key, tenant_tables};
use crate::support::{OWNER, TestDatabase};

#[tokio::test]
async fn every_table_with_an_organization_is_confined_by_the_database() {
    let database = TestDatabase::create().await;
    if database.is_postgres() {
        for table in tenant_tables(&database).await {
            let strict =
                format!("({} = (current_setting('app.organization_id'::text))::uuid)", key(&table));
            let forced = format!(
                "select count(*) from pg_class where oid = '{table}'::regclass
                    and relrowsecurity and relforcerowsecurity"
            );
            assert_eq!(database.number(&forced).await, 1, "{table} is not forced");
            let policies = format!(
                "select concat_ws(' ', policyname, permissive, cmd, roles::text, qual, with_check)
                 from pg_policies where tablename = '{table}' and policyname = 'tenant'"
            );
            let expected = format!("tenant PERMISSIVE ALL {{public}} {strict} {strict}");
            assert_eq!(database.texts(&policies).await, [expected], "{table}");
        }
        let others = "select concat_ws(' ', tablename, policyname, roles::text) from pg_policies
                      where policyname not in ('tenant', 'to_backup')
                      order by tablename, policyname";
        let known: Vec<String> =
            LOOKUPS.iter().map(|(t, p)| format!("{t} {p} {{{LOOKUP_ROLE}}}")).collect();
        assert_eq!(database.texts(others).await, known, "a policy that is in no list");
        let of_backups = "select tablename || ' ' || concat_ws(' ', cmd, roles::text, qual)
                          from pg_policies where policyname = 'to_backup' order by tablename::text";
        let expected: Vec<String> = tenant_tables(&database)
            .await
            .iter()
            .map(|table| {
                format!("{table} SELECT {{{OWNER}}} (current_setting('app.backup'::text, true) = 'on'::text)")
            })
            .collect();
        assert_eq!(database.texts(of_backups).await, expected, "a backup reads all, for the owner");
        let doors = "select c.relname::text from pg_class c
             join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
             where c.relkind = 'm' or (c.relkind = 'v'
                and not coalesce(c.reloptions::text like '%security_invoker=%', false))
             union all select p.proname::text from pg_proc p
             join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'public'
             where p.prosecdef";
        assert_eq!(database.texts(doors).await, [""; 0], "what works with its owner's rights");
        let db = Db::connect(&database.url).await.unwrap();
        let found = safety::weaknesses(&db).await.unwrap();
        assert!(found.is_empty(), "{found:?}");
        db.close().await;
    } else {
        let views = "select name from sqlite_schema where type = 'view'";
        assert_eq!(database.texts(views).await, [""; 0], "a view is a way past what is held here");
    }
    database.remove().await;
}

#[tokio::test]
async fn the_applications_role_sees_and_changes_only_the_organization_it_has_named() {
    let world = full_world().await;
    let database = &world.app.database;
    if database.is_postgres() {
        let mut tried = 0;
        for table in tenant_tables(database).await {
            confined(database, &table).await;
            tried += 1;
        }
        println!("{tried} tables confined");
    }
    end(world).await;
}

/// Fails unless a connection for Acme can neither see, change, delete nor add rows of Globex in
/// `table`, and gets an error if no organization was named.
async fn confined(database: &TestDatabase, table: &str) {
    let id = |slug: &str| format!("select id::text from organizations where slug = '{slug}'");
    let acme = &database.texts(&id("acme")).await[0];
    let globex = &database.texts(&id("globex")).await[0];
    let key = key(table);
    let mut app: PgConnection = database.as_application().await;
    // If no organization is named, there is no answer.
    let error = app.execute(AssertSqlSafe(format!("select * from {table}"))).await;
    let error = error.expect_err(table).to_string();
    assert!(error.contains("unrecognized configuration parameter"), "{table}: {error}");
    app.execute(AssertSqlSafe(format!("set app.organization_id = '{acme}'"))).await.unwrap();
    let count = |whose: &str| format!("select count(*) from {table} where {key} = '{whose}'");
    let own: i64 =
        sqlx::query_scalar(AssertSqlSafe(count(acme))).fetch_one(&mut app).await.unwrap();
    assert!(own > 0, "{table}: one's own rows are there");
    let foreign: i64 =
        sqlx::query_scalar(AssertSqlSafe(count(globex))).fetch_one(&mut app).await.unwrap();
    assert_eq!(foreign, 0, "{table}: foreign rows");
    let rights = tables::all().find(|known| known.name == table).map_or("", |known| known.rights);
    for (right, statement) in [
        ("update", format!("update {table} set {key} = {key} where {key} = '{globex}'")),
        ("delete", format!("delete from {table} where {key} = '{globex}'")),
    ] {
        match app.execute(AssertSqlSafe(statement.clone())).await {
            Ok(done) => assert_eq!(done.rows_affected(), 0, "{statement}"),
            Err(error) => {
                let error = error.to_string();
                assert!(error.contains("permission denied"), "{statement}: {error}");
                assert!(!rights.contains(right), "{table}: {right} is granted, and denied");
            }
        }
    }
    // An exact copy of a row of Globex, with a free key.
    let row = format!("select to_jsonb(r)::text from {table} r where {key} = '{globex}' limit 1");
    let row = database.texts(&row).await.remove(0).replace('\'', "''");
    let insert =
        format!("insert into {table} select * from jsonb_populate_record(null::{table}, '{row}')");
    let error = app.execute(AssertSqlSafe(insert.clone())).await.expect_err(&insert).to_string();
    assert!(error.contains("violates row-level security policy"), "{table}: {error}");
}
