//! The schema itself keeps organizations apart: what the catalogue of each engine says, and what
//! each guard listed there really does. These tests cover every table that is added.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, Executor, PgConnection};
use tenantry::platform::config::DATABASE_ROLE;
use tenantry::platform::db::grants::LOOKUP_ROLE;
use tenantry::platform::db::safety::{self, LOOKUPS};
use tenantry::platform::db::tables;
use tenantry::platform::db::{Db, statement};

use crate::support::world::World;
use crate::support::{OWNER, TestDatabase};

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
                "{table} has no row of {slug}: make one in House::fill in tests/it/support/world.rs"
            );
        }
    }
    world
}

async fn end(world: World) {
    world.app.database.execute("delete from jobs").await.unwrap();
}

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
async fn a_reference_between_tables_of_organizations_carries_the_organization() {
    let database = TestDatabase::create().await;
    let tables = tenant_tables(&database).await;
    let mut seen = 0;
    for reference in references(&database).await {
        if tables.contains(&reference.table) && tables.contains(&reference.to) {
            let own = (ORGANIZATION.to_owned(), key(&reference.to).to_owned());
            assert!(reference.columns.contains(&own), "{reference:?} can leave its organization");
            seen += 1;
        }
    }
    assert!(seen >= 20, "{seen} references");
    database.remove().await;
}

#[tokio::test]
async fn a_row_cannot_refer_to_a_row_of_another_organization() {
    let world = full_world().await;
    let database = &world.app.database;
    let tables = tenant_tables(database).await;
    let mut refused = 0;
    for reference in references(database).await {
        if reference.to == "organizations" || !tables.contains(&reference.to) {
            continue;
        }
        let insert = reference.foreign_row(database).await;
        let error = database.execute(&insert).await.expect_err(&insert).to_string();
        let words = if database.is_postgres() { "foreign key constraint" } else { "FOREIGN KEY" };
        assert!(error.contains(words), "{reference:?}: {error}\n{insert}");
        refused += 1;
    }
    println!("{refused} references to another organization's rows refused");
    assert!(refused >= 12, "{refused} references");
    end(world).await;
}

/// A foreign key.
#[derive(Debug)]
struct Reference {
    table: String,
    to: String,
    /// Its columns, each with the column that it refers to.
    columns: Vec<(String, String)>,
}

/// Returns every foreign key of the schema.
async fn references(database: &TestDatabase) -> Vec<Reference> {
    let rows = if database.is_postgres() {
        "select k.conrelid::regclass::text || ' ' || k.confrelid::regclass::text || ' ' ||
                string_agg(a.attname || '=' || b.attname, ',' order by n.place)
         from pg_constraint k
         cross join lateral unnest(k.conkey, k.confkey) with ordinality n(own, their, place)
         join pg_attribute a on a.attrelid = k.conrelid and a.attnum = n.own
         join pg_attribute b on b.attrelid = k.confrelid and b.attnum = n.their
         where k.contype = 'f' group by k.oid order by 1"
    } else {
        "select t.name || ' ' || f.\"table\" || ' ' || group_concat(f.\"from\" || '=' || f.\"to\")
         from sqlite_schema t join pragma_foreign_key_list(t.name) f
         where t.type = 'table' group by t.name, f.id order by 1"
    };
    let parse = |row: &String| {
        let mut words = row.split(' ');
        let mut word = || words.next().unwrap().to_owned();
        let (table, to, columns) = (word(), word(), word());
        let pair = |pair: &str| {
            let (own, their) = pair.split_once('=').unwrap();
            (own.to_owned(), their.to_owned())
        };
        Reference { table, to, columns: columns.split(',').map(pair).collect() }
    };
    database.texts(rows).await.iter().map(parse).collect()
}

impl Reference {
    /// Returns a statement that inserts a copy of one of Acme's rows, with this reference pointing
    /// to a row that only Globex has and with new values for all other unique columns.
    async fn foreign_row(&self, database: &TestDatabase) -> String {
        let of = |slug: &str| format!("(select id from organizations where slug = '{slug}')");
        let (acme, globex) = (of("acme"), of("globex"));
        let (random_id, random_bytes) = if database.is_postgres() {
            ("gen_random_uuid()", "decode(md5(random()::text), 'hex')")
        } else {
            ("randomblob(16)", "randomblob(32)")
        };
        // A row unlike any of Acme's: positions in the log and roles can have the same key in both.
        let same: Vec<String> = self
            .columns
            .iter()
            .filter(|(own, _)| own != ORGANIZATION)
            .map(|(_, their)| format!("a.{their} = b.{their}"))
            .collect();
        let their_row = format!(
            "from {to} b where b.organization_id = {globex} and not exists (
                select 1 from {to} a where a.organization_id = {acme} and {})",
            same.join(" and "),
            to = self.to
        );
        let count = database.number(&format!("select count(*) {their_row}")).await;
        assert!(count > 0, "Globex has nothing in {} that Acme has not", self.to);
        let columns = database.columns(&self.table).await;
        let value = |column: &String| {
            let led = self.columns.iter().find(|(own, _)| own == column && own != ORGANIZATION);
            match (led, column.as_str()) {
                (Some((_, their)), _) => format!("(select b.{their} {their_row} limit 1)"),
                (None, "id") => random_id.to_owned(),
                (None, "email" | "code" | "name_key") => "'fresh@example.test'".to_owned(),
                // A user who does not belong to Acme yet.
                (None, "user_id") => {
                    "(select u.id from users u where u.email like 'globex.owner%')".into()
                }
                (None, column) if column.ends_with("_hash") => random_bytes.to_owned(),
                (None, column) => format!("r.{column}"),
            }
        };
        let values: Vec<String> = columns.iter().map(value).collect();
        format!(
            "insert into {table} ({}) select {} from {table} r where r.organization_id = {acme}
             limit 1",
            columns.join(", "),
            values.join(", "),
            table = self.table
        )
    }
}

#[tokio::test]
async fn no_row_moves_to_another_organization() {
    let world = full_world().await;
    let database = &world.app.database;
    for table in tenant_tables(database).await {
        if table == "organizations" {
            continue;
        }
        let triggers = if database.is_postgres() {
            format!(
                "select count(*) from pg_trigger where tgrelid = '{table}'::regclass
                    and tgname = '{table}_stay' and tgenabled = 'O'"
            )
        } else {
            format!(
                "select count(*) from sqlite_schema where type = 'trigger'
                    and tbl_name = '{table}' and name = '{table}_stay'"
            )
        };
        assert_eq!(database.number(&triggers).await, 1, "{table} has no trigger {table}_stay");
        let moved = format!(
            "update {table} set organization_id =
                (select id from organizations where slug = 'globex')
             where organization_id = (select id from organizations where slug = 'acme')"
        );
        let error = database.execute(&moved).await.expect_err(&table).to_string();
        let is_refused = error.contains("organization_id cannot change")
            // The log refuses every change, including this one.
            || error.contains("the audit log is only added to");
        assert!(is_refused, "{table}: {error}");
    }
    end(world).await;
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

/// Tables that belong to organizations but are named by statements outside organizations, by file.
const OUTSIDE: &[(&str, &[&str])] = &[
    (
        "src/core/deletion/sql.rs",
        &["invitations", "memberships", "operator_visits", "organizations"],
    ),
    ("src/core/invitations/sql/found.rs", &["invitation_links", "invitations"]),
    ("src/core/operators/organizations/list.rs", &["organizations"]),
    ("src/core/operators/organizations/sql.rs", &["organizations"]),
    ("src/core/operators/visits/sql.rs", &["operator_visits", "organizations"]),
    ("src/core/orgs/sql.rs", &["memberships", "organization_slugs", "organizations"]),
    ("src/platform/audit/upkeep.rs", &["audit_chains", "organizations"]),
    ("src/platform/db/checkup/mod.rs", &["organizations"]),
    ("src/platform/db/text_keys/mod.rs", &["organizations"]),
    ("src/platform/jobs/failing.rs", &["jobs"]),
    ("src/platform/jobs/mod.rs", &["jobs"]),
    ("src/platform/mail/forget.rs", &["outbox"]),
    ("src/platform/mail/outbox/delivery.rs", &["outbox"]),
    ("src/platform/mail/outbox/enqueue.rs", &["outbox"]),
    ("src/platform/mail/outbox/mailbox.rs", &["outbox"]),
    ("src/platform/mail/outbox/mod.rs", &["outbox"]),
    ("src/platform/mail/outbox/undelivered.rs", &["outbox"]),
    ("src/platform/sealed/reseal.rs", &["outbox"]),
    ("src/platform/sealed/sample.rs", &["organizations", "outbox"]),
    ("src/platform/sealed/uses.rs", &["organizations", "outbox"]),
    ("src/platform/tenant/admission.rs", &["memberships", "organization_slugs", "organizations"]),
    ("src/platform/tenant/background.rs", &["organizations"]),
    ("src/platform/tenant/switcher.rs", &["invitations", "memberships", "organizations", "roles"]),
    ("src/platform/tenant/visit.rs", &["memberships", "operator_visits", "organizations"]),
];

#[tokio::test]
async fn statements_outside_organizations_name_only_the_tables_they_are_known_to() {
    let database = TestDatabase::create().await;
    let tables = tenant_tables(&database).await;
    database.remove().await;
    let mut named = std::collections::BTreeMap::<&str, BTreeSet<&str>>::new();
    for statement in statement::all().filter(|statement| !statement.tenant) {
        let text = format!("{} {}", statement.sqlite, statement.postgres);
        let words: Vec<&str> =
            text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
        for table in tables.iter().filter(|table| words.contains(&table.as_str())) {
            named.entry(statement.file).or_default().insert(table);
        }
    }
    let named: Vec<(&str, Vec<&str>)> =
        named.into_iter().map(|(file, tables)| (file, tables.into_iter().collect())).collect();
    let known: Vec<(&str, Vec<&str>)> =
        OUTSIDE.iter().map(|(file, tables)| (*file, tables.to_vec())).collect();
    assert_eq!(named, known, "whoever looks into a table from outside stands in this list");
}
