//! Targets of a restore and of a move: which ones are refused before anything is written, and with
//! which message.

use std::path::Path;

use super::{done, refused};
use crate::support::TestDatabase;
use crate::support::service::command;

/// Returns the message of `move-database` when it refuses a target.
#[track_caller]
fn move_refused(here: &Path, source: &str, target: &str) -> String {
    let mut command = command(here, &["move-database"], Some(source));
    let output = command.env("TENANTRY_TARGET_DATABASE_URL", target).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    said
}

/// Returns a folder with a database, `sqlite:own.db`, and a backup of it, `a.backup`.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    done(folder.path(), &["migrate"], "sqlite:own.db");
    done(folder.path(), &["backup", "a.backup"], "sqlite:own.db");
    folder
}

/// Fails unless a restore into `target` and a move to it are both refused with `words`, each after
/// the name of its setting.
#[track_caller]
fn both_refused(here: &Path, target: &str, words: &str) {
    let said = refused(here, &["restore", "a.backup"], target);
    assert!(said.starts_with("tenantry: TENANTRY_DATABASE_URL: "), "{said}");
    assert!(said.contains(words), "{words}: {said}");
    let said = move_refused(here, "sqlite:own.db", target);
    assert!(said.starts_with("tenantry: TENANTRY_TARGET_DATABASE_URL: "), "{said}");
    assert!(said.contains(words), "{words}: {said}");
    assert!(!said.contains("TENANTRY_DATABASE_URL"), "{said}");
}

#[tokio::test]
async fn a_database_of_another_program_is_refused_and_stays_as_it_was() {
    let target = TestDatabase::empty().await;
    if !target.is_postgres() {
        return;
    }
    let folder = folder();
    target
        .execute("create table wiki_pages (a text); create table wiki_users (a text)")
        .await
        .unwrap();
    both_refused(folder.path(), &target.owner_url, "wiki_pages, wiki_users");
    both_refused(folder.path(), &target.owner_url, "use an empty database");
    assert_eq!(target.tables().await, ["wiki_pages", "wiki_users"]);
    target.remove().await;

    // This also holds if our own tables are already there.
    let target = TestDatabase::create().await;
    let tables = target.tables().await;
    target
        .execute("create table wiki_pages (a text); alter table projects add column our_note text")
        .await
        .unwrap();
    both_refused(folder.path(), &target.owner_url, "projects.our_note, wiki_pages");
    target
        .execute("drop table wiki_pages; alter table projects drop column our_note")
        .await
        .unwrap();
    assert_eq!(target.tables().await, tables);
    done(folder.path(), &["restore", "a.backup"], &target.owner_url);
    target.remove().await;
}

#[tokio::test]
async fn a_role_that_may_not_migrate_is_told_so_before_anything_is_read() {
    let target = TestDatabase::empty().await;
    if !target.is_postgres() {
        return;
    }
    let folder = folder();
    both_refused(folder.path(), &target.url, "may not create tables in the database");
    assert_eq!(target.tables().await, Vec::<String>::new());
    target.remove().await;
    let target = TestDatabase::create().await;
    both_refused(folder.path(), &target.url, "because the tables belong to tenantry_owner");
    target.remove().await;
}

#[tokio::test]
async fn a_target_that_cannot_be_taken_is_named_by_its_own_setting() {
    let folder = folder();
    let here = folder.path();
    let said = move_refused(here, "sqlite:own.db", "postgres://a:b@127.0.0.1:1/c");
    assert!(
        said.contains("Check that it is running, and that TENANTRY_TARGET_DATABASE_URL names"),
        "{said}"
    );
    assert!(!said.contains("TENANTRY_DATABASE_URL"), "{said}");

    let same = "the source and the target are the same database";
    let said = move_refused(here, "sqlite:own.db", &format!("sqlite:{}/own.db", here.display()));
    assert!(said.contains(same), "{said}");
    let target = TestDatabase::create().await;
    if target.is_postgres() {
        let said = move_refused(here, &target.owner_url, &target.owner_url);
        assert!(said.contains(same), "{said}");
        target
            .execute("insert into sessions (id, data, expiry_date) values ('a', '', now())")
            .await
            .unwrap();
        both_refused(here, &target.owner_url, "the database is not empty (rows in sessions: 1)");
    }
    target.remove().await;

    for url in ["sqlite:", "sqlite://", "sqlite:?mode=rwc", "sqlite:data/", "sqlite:.."] {
        let said = move_refused(here, "sqlite:own.db", url);
        assert!(said.contains("must name a file"), "{url}: {said}");
        let said = refused(here, &["migrate"], url);
        assert!(said.contains("TENANTRY_DATABASE_URL: must name a file"), "{url}: {said}");
    }
    assert!(!here.join(".service").exists());
}
