//! Tables of other programs in the same database are left out, reported, and cause no problems.

use std::process::Stdio;

use sqlx::{Connection, Executor};

use super::{done, execute, number, refused, run};
use crate::support::TestDatabase;
use crate::support::service::{Service, command};
use crate::support::world::World;

/// Adds what other programs and people might add: a column, and tables of two owners with types
/// that Tenantry does not know.
async fn add_foreign(database: &TestDatabase) {
    database
        .execute(
            "create table notes (a text);
             insert into notes values ('ours');
             alter table projects add column our_note text;
             create table users_old as select * from users",
        )
        .await
        .unwrap();
    if database.is_postgres() {
        // The tables above belong to the superuser.
        let mut owner = database.owner_connection().await;
        owner.execute("create table tags (words text[], at point)").await.unwrap();
        owner.close().await.unwrap();
    } else {
        let replication = "create table _litestream_seq (id integer primary key, seq integer);
            create view everybody as select * from users;
            create trigger users_watched after update on users
            begin insert into _litestream_seq (seq) values (gone_function(new.name)); end";
        database.execute(replication).await.unwrap();
    }
}

const LEFT_OUT: &str = "Not part of Tenantry, and not restored: ";

/// Fails unless exactly what [`add_foreign`] added is named.
fn expect_told(database: &TestDatabase, said: &str) {
    let names = match database.is_postgres() {
        true => "notes, projects.our_note, tags, users_old.",
        false => "_litestream_seq, notes, projects.our_note, users_old.",
    };
    assert!(said.contains(&format!("{LEFT_OUT}{names}")), "{said}");
}

/// Fails unless both databases hold the same people and projects, and `copy` nothing foreign.
async fn expect_ours_alone(database: &TestDatabase, copy: &TestDatabase) {
    assert!(!copy.tables().await.iter().any(|table| table == "notes" || table == "users_old"));
    assert!(!copy.columns("projects").await.contains(&"our_note".to_owned()));
    for table in ["users", "projects", "tasks", "audit_log"] {
        let rows = database.rows_without(table, &["our_note"]).await;
        assert!(!rows.is_empty(), "{table}");
        assert_eq!(rows, copy.rows(table).await, "{table}");
    }
}

#[tokio::test]
async fn what_is_not_tenantrys_is_left_out_of_a_backup_and_told_of() {
    let world = World::new().await;
    let database = &world.app.database;
    add_foreign(database).await;
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let said = done(here, &["backup", "a.backup"], &database.owner_url);
    expect_told(database, &said);
    let said = done(here, &["backup", "verify", "a.backup"], "sqlite:nothing.db");
    expect_told(database, &said);
    let said = done(here, &["restore", "a.backup"], "sqlite:restored.db");
    expect_told(database, &said);
    let copy = TestDatabase::empty().await;
    done(here, &["restore", "a.backup"], &copy.owner_url);
    expect_ours_alone(database, &copy).await;
    copy.remove().await;

    // A backup of the restored database no longer contains any of it.
    let said = done(here, &["backup", "b.backup"], "sqlite:restored.db");
    assert!(!said.contains("Not part of Tenantry"), "{said}");
}

#[tokio::test]
async fn a_table_of_a_module_that_is_unknown_is_in_nobodys_way() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    done(here, &["migrate"], "sqlite:own.db");
    let unknown = "create view backup as select 1 as a;
        pragma writable_schema = on;
        insert into sqlite_schema (type, name, tbl_name, rootpage, sql)
        values ('table', 'shapes', 'shapes', 0, 'CREATE VIRTUAL TABLE shapes USING gone (a)');
        pragma writable_schema = off";
    execute(&here.join("own.db"), unknown).await;
    let said = done(here, &["backup", "a.backup"], "sqlite:own.db");
    assert!(said.contains(&format!("{LEFT_OUT}shapes.")), "{said}");
    done(here, &["backup", "verify", "a.backup"], "sqlite:nothing.db");
    done(here, &["restore", "a.backup"], "sqlite:restored.db");
    done(here, &["move-database", "--to", "sqlite:moved.db"], "sqlite:own.db");
}

#[tokio::test]
async fn what_is_not_tenantrys_is_left_behind_when_a_database_is_moved() {
    let world = World::new().await;
    let database = &world.app.database;
    add_foreign(database).await;
    world.app.app.close().await;
    if database.is_postgres() {
        database.end_connections().await;
    }
    let folder = tempfile::tempdir().unwrap();
    let to = ["move-database", "--to", "sqlite:moved.db"];
    let said = done(folder.path(), &to, &database.owner_url);
    assert!(said.contains("Not part of Tenantry, and left behind: "), "{said}");
    assert!(said.contains("projects.our_note"), "{said}");
    let moved = folder.path().join("moved.db");
    let theirs = "select count(*) from sqlite_schema where name = 'users_old'";
    assert_eq!(number(&moved, theirs).await, 0);
    assert!(number(&moved, "select count(*) from projects").await > 0);
}

#[tokio::test]
async fn the_doctor_and_the_log_tell_of_what_backups_leave_out() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let database = TestDatabase::create().await;
    add_foreign(&database).await;
    let set = [("TENANTRY_BACKUP_FOLDER", "kept"), ("TENANTRY_LOG_FORMAT", "json")];
    if database.is_postgres() {
        let made =
            command(here, &["backup"], Some(&database.owner_url)).envs(set).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    } else {
        let log = here.join("log");
        let mut command = command(here, &[], Some(&database.url));
        command.envs(set).stderr(Stdio::from(std::fs::File::create(&log).unwrap()));
        let mut service = Service::start_as(command);
        let mut told = String::new();
        for _ in 0..200 {
            told = std::fs::read_to_string(&log).unwrap();
            if told.contains("a backup was made") && told.contains("left out") {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert!(service.terminate().success());
        assert!(told.contains("something in the database is not part of Tenantry"), "{told}");
        assert!(told.contains("projects.our_note"), "{told}");
    }
    let output = command(here, &["doctor"], Some(&database.url)).envs(set).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("warn  backups: The newest of 1 is kept/tenantry-"), "{said}");
    assert!(said.contains("notes, projects.our_note"), "{said}");
    database.remove().await;
}

#[tokio::test]
async fn what_would_keep_a_backup_from_being_restored_is_found_when_it_is_looked_at() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    done(here, &["backup", "a.backup"], &world.app.database.owner_url);
    for (sql, words) in [
        ("drop table saved_filters", "the table saved_filters is missing"),
        ("drop table saved_filters; create table saved_filters (id uuid)", "saved_filters"),
        ("alter table projects drop column budget_cents", "projects.budget_cents is missing"),
        ("drop table data_migrations", "data_migrations"),
        (
            "pragma ignore_check_constraints = on; update projects set status = 'lost'",
            "CHECK constraint failed in projects",
        ),
        ("drop index clients_name; update clients set name_key = 'one'", "index clients_name"),
    ] {
        std::fs::copy(here.join("a.backup"), here.join("b.backup")).unwrap();
        execute(&here.join("b.backup"), &format!("pragma foreign_keys = off; {sql}")).await;
        let verified = run(here, &["backup", "verify", "b.backup"], "sqlite:nothing.db");
        let said = String::from_utf8(verified.stderr).unwrap();
        assert_eq!(verified.status.code(), Some(1), "{sql}: {said}");
        assert!(said.contains("is damaged") && said.contains(words), "{sql}: {said}");
        let said = refused(here, &["restore", "b.backup"], "sqlite:new.db");
        assert!(said.contains("Nothing was restored"), "{sql}: {said}");
        assert!(!said.contains("TENANTRY_DATABASE_URL"), "{sql}: {said}");
        assert!(!here.join("new.db").exists());
    }
}
