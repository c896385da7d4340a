//! Foreign keys carry the organization, and no row moves to another.

use super::{ORGANIZATION, end, full_world, key, tenant_tables};
use crate::support::TestDatabase;

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
                // Of some things there is one at a time that has not ended.
                (None, "ended_at") => "r.created_at".to_owned(),
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
