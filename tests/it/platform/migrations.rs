//! Migrations as the manual describes them: run by the owner of the tables, to whom row-level
//! security applies on PostgreSQL, on a database that holds organizations.

use std::path::{Path, PathBuf};

use sqlx::migrate::Migrator;
use sqlx::{Connection, PgConnection, SqliteConnection};
use tenantry::platform::config::DATABASE_ROLE;
use tenantry::platform::db::{Db, migrate};

use crate::support::{TestDatabase, files};

/// Creates a database at the version `last`.
pub(crate) async fn database_at(last: u32) -> TestDatabase {
    let database = TestDatabase::empty().await;
    let folder = tempfile::tempdir().unwrap();
    for file in migrations(database.is_postgres()) {
        if version(&file) <= last {
            std::fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
        }
    }
    let migrator = Migrator::new(folder.path()).await.unwrap();
    if database.is_postgres() {
        let mut connection = PgConnection::connect(&database.owner_url).await.unwrap();
        migrator.run(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    } else {
        let url = format!("{}?mode=rwc", database.url);
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        migrator.run(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }
    database
}

/// The migrations of one engine, in order.
fn migrations(is_postgres: bool) -> Vec<PathBuf> {
    let other = if is_postgres { ".sqlite.sql" } else { ".postgres.sql" };
    let all = files("migrations", ".sql").into_iter();
    let ours = all.filter(|(file, _)| !file.ends_with(other));
    let mut files: Vec<PathBuf> = ours.map(|(file, _)| PathBuf::from(file)).collect();
    files.sort_by_key(|file| version(file));
    files
}

fn version(file: &Path) -> u32 {
    file.file_name().unwrap().to_str().unwrap()[..4].parse().unwrap()
}

/// Migrates the database as the operator does.
async fn upgrade(database: &TestDatabase) {
    let db = Db::connect(&database.owner_url).await.unwrap();
    migrate(&db, DATABASE_ROLE).await.unwrap();
    db.close().await;
}

#[tokio::test]
async fn an_upgrade_changes_the_rows_of_every_organization() {
    let database = database_at(27).await;
    for (id, slug) in [(1, "acme"), (2, "globex")] {
        let id = match database.is_postgres() {
            true => format!("'00000000-0000-4000-8000-00000000000{id}'"),
            false => format!("x'0000000000004000800000000000000{id}'"),
        };
        let now = if database.is_postgres() { "now()" } else { "0" };
        let rows = format!(
            "insert into organizations (id, name, name_key, slug, created_at)
             values ({id}, '{slug}', '{slug}', '{slug}', {now});
             insert into roles (organization_id, key, name, description, rank, permissions)
             values ({id}, 'owner', 'Owner', '', 40, 'members.view'),
                    ({id}, 'guest', 'Guest', '', 5, 'members.view')"
        );
        database.execute(&rows).await.unwrap();
    }
    upgrade(&database).await;
    let rows = "select o.slug || ' ' || r.key || ': ' || r.permissions from roles r
                join organizations o on o.id = r.organization_id order by 1";
    let expected = [
        "acme guest: members.view",
        "acme owner: ",
        "globex guest: members.view",
        "globex owner: ",
    ];
    assert_eq!(database.texts(rows).await, expected);
    // Running it again changes nothing.
    upgrade(&database).await;
    assert_eq!(database.texts(rows).await, expected);
    database.remove().await;
}

/// The last migration that confines tables itself.
const LAST_THAT_CONFINES: u32 = 27;

#[test]
fn a_migration_that_changes_rows_says_that_it_sees_them_all() {
    let mut confined: Vec<String> = Vec::new();
    let mut changes = 0;
    for file in migrations(true) {
        let text = std::fs::read_to_string(&file).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().starts_with("--")).collect();
        let text = lines.join(" ");
        let mut unforced: Vec<String> = Vec::new();
        let mut created: Vec<String> = Vec::new();
        // The body of a function runs later, and not as the owner.
        let outside: String = text.split("$$").step_by(2).collect::<Vec<_>>().join(" ");
        for statement in outside.split(';') {
            let words: Vec<&str> = statement.split_whitespace().collect();
            match words[..] {
                ["call", confine] if confine.starts_with("confine('") => {
                    confined.push(confine[9..].trim_end_matches("')").to_owned());
                }
                // The table is confined after all migrations have run, so it is confined in the
                // next release.
                ["create", "table", table, ..] if statement.contains("organization_id") => {
                    created.push(table.to_owned());
                }
                ["alter", "table", table, "no", "force", ..] => unforced.push(table.to_owned()),
                ["alter", "table", table, "force", ..] => {
                    confined.push(table.to_owned());
                    unforced.retain(|other| other != table);
                }
                ["update", ..] | ["delete", "from", ..] | ["insert", "into", ..] => {
                    changes += 1;
                    for table in &confined {
                        let names_it = words
                            .iter()
                            .any(|word| word.trim_matches(|c: char| !c.is_alphabetic()) == *table);
                        assert!(
                            !names_it || unforced.contains(table),
                            "{}: on PostgreSQL the owner sees no row of {table} here: put `alter \
                             table {table} no force row level security` before and `alter table \
                             {table} force row level security` behind: {statement}",
                            file.display()
                        );
                    }
                }
                _ => {}
            }
        }
        assert!(unforced.is_empty(), "{}: {unforced:?} stay open", file.display());
        // The tables of the first migrations were confined by later ones.
        if version(&file) > LAST_THAT_CONFINES {
            confined.append(&mut created);
        }
    }
    assert!(changes >= 3, "{changes} statements that change rows");
}

#[tokio::test]
async fn a_new_table_with_an_organization_is_confined_without_a_word_in_its_migration() {
    let database = TestDatabase::create().await;
    let table = "create table parcels (organization_id uuid not null, id uuid not null,
                                       primary key (organization_id, id))";
    if database.is_postgres() {
        let mut owner = database.owner_connection().await;
        sqlx::raw_sql(table).execute(&mut owner).await.unwrap();
    } else {
        database.execute(table).await.unwrap();
    }
    upgrade(&database).await;
    upgrade(&database).await;
    let guards = match database.is_postgres() {
        true => {
            "select tgname from pg_trigger where tgrelid = 'parcels'::regclass and tgenabled = 'O'
             union all
             select 'policy ' || polname from pg_policy p
             join pg_class c on c.oid = p.polrelid and c.relforcerowsecurity
             where polrelid = 'parcels'::regclass
             order by 1"
        }
        false => "select name from sqlite_schema where type = 'trigger' and tbl_name = 'parcels'",
    };
    let expected: &[&str] = match database.is_postgres() {
        true => &["parcels_stay", "policy tenant", "policy to_backup"],
        false => &["parcels_stay"],
    };
    assert_eq!(database.texts(guards).await, expected);
    database.remove().await;
}
