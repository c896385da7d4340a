//! If a damaged backup is the only one, the rows that it still has can be restored.

use std::path::Path;

use super::{done, execute, guards, number, refused};
use crate::support::TestDatabase;
use crate::support::world::World;

/// A backup of both organizations, and what is restored from it.
struct Scene {
    world: World,
    folder: tempfile::TempDir,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let folder = tempfile::tempdir().unwrap();
        done(folder.path(), &["backup", "a.backup"], &world.app.database.owner_url);
        Self { world, folder }
    }

    fn here(&self) -> &Path {
        self.folder.path()
    }

    /// Damages a copy of the backup, which must be detected as `fault`, and restores it anyway,
    /// both into an SQLite file and on the engine of the test. Returns what was printed.
    async fn restored_despite(&self, damage: &str, fault: &str) -> (String, TestDatabase) {
        let (here, copy) = (self.here(), self.here().join("damaged.backup"));
        std::fs::copy(here.join("a.backup"), &copy).unwrap();
        execute(&copy, &format!("pragma foreign_keys = off; {damage}")).await;
        let said = refused(here, &["backup", "verify", "damaged.backup"], "sqlite:nothing.db");
        assert!(said.contains(fault), "{damage}: {said}");
        let said = refused(here, &["restore", "damaged.backup"], "sqlite:new.db");
        assert!(said.contains("Nothing was restored"), "{said}");
        assert!(said.contains("--despite-faults restores what"), "{said}");
        assert!(!said.contains("TENANTRY_DATABASE_URL"), "{said}");

        let _none = std::fs::remove_file(here.join("despite.db"));
        let despite = ["restore", "damaged.backup", "--despite-faults"];
        done(here, &despite, "sqlite:despite.db");
        let broken = "select count(*) from pragma_foreign_key_check";
        assert_eq!(number(&here.join("despite.db"), broken).await, 0);
        let fresh = TestDatabase::of_file(&here.join("despite.db"));
        let new = TestDatabase::create().await;
        if !new.is_postgres() {
            assert_eq!(guards(&fresh).await, guards(&new).await);
        }
        new.remove().await;
        // Everything restored is intact.
        done(here, &["backup", "again.backup", "--replace"], "sqlite:despite.db");
        let target = TestDatabase::empty().await;
        let said = done(here, &despite, &target.owner_url);
        (said, target)
    }
}

/// Fails unless `line` is one of the lines that were printed.
#[track_caller]
fn expect_line(said: &str, line: &str) {
    assert!(said.lines().any(|found| found == line), "{line}: {said}");
}

#[tokio::test]
async fn rows_that_refer_to_one_that_is_gone_are_left_out_or_refer_to_nothing() {
    let scene = Scene::new().await;
    let database = &scene.world.app.database;
    let clients = database.number("select count(*) from clients").await;
    let projects = database.number("select count(*) from projects").await;
    let (said, restored) = scene
        .restored_despite("delete from clients", "projects refer to clients that are not there")
        .await;
    assert!(clients > 0 && projects > 0);
    expect_line(
        &said,
        &format!("Repaired: projects: {projects} references to missing clients were cleared."),
    );
    assert_eq!(restored.number("select count(*) from projects").await, projects);
    assert_eq!(
        restored.number("select count(*) from projects where client_id is not null").await,
        0
    );
    restored.remove().await;

    // Rows that refer to an omitted row are omitted, too.
    let (said, restored) = scene
        .restored_despite(
            "delete from users where email = 'acme.member@example.test'",
            "a row of memberships refers to one of users that is not there",
        )
        .await;
    expect_line(&said, "Repaired: memberships: 1 row was left out, which refers to missing users.");
    let counted = "select count(*) from organizations o where member_count <> (
        select count(*) from memberships m where m.organization_id = o.id)";
    assert_eq!(restored.number(counted).await, 0);
    assert_eq!(
        restored.number("select count(*) from users").await + 1,
        database.number("select count(*) from users").await
    );
    restored.remove().await;
}

#[tokio::test]
async fn values_that_cannot_be_read_are_mended_emptied_or_left_out_with_their_rows() {
    let scene = Scene::new().await;
    let database = &scene.world.app.database;
    let clients = database.number("select count(*) from clients").await;
    let (said, restored) = scene
        .restored_despite(
            "update clients set notes = cast(x'4f6c64ff' as text)",
            "clients.notes cannot be read",
        )
        .await;
    expect_line(
        &said,
        &format!(
            "Repaired: clients.notes: \u{FFFD} stands for what cannot be read in {clients} values."
        ),
    );
    let notes = restored.texts("select distinct notes from clients").await;
    assert_eq!(notes, ["Old\u{FFFD}"]);
    restored.remove().await;

    // A flipped bit turns a space into NUL, which PostgreSQL does not accept.
    let (_, restored) = scene
        .restored_despite(
            "update clients set notes = cast(x'4f006c64' as text)",
            "clients.notes cannot be read",
        )
        .await;
    assert_eq!(restored.texts("select distinct notes from clients").await, ["O\u{FFFD}ld"]);
    restored.remove().await;

    let (said, restored) = scene
        .restored_despite(
            "update projects set due_on = x'00ff', budget_cents = 'much'",
            "projects.due_on cannot be read",
        )
        .await;
    let projects = database.number("select count(*) from projects").await;
    let line =
        |column| format!("Repaired: projects.{column}: {projects} unreadable values were cleared.");
    expect_line(&said, &line("due_on"));
    expect_line(&said, &line("budget_cents"));
    assert_eq!(restored.number("select count(*) from projects").await, projects);
    restored.remove().await;

    // Whoever was suspended stays suspended, even if the time is unknown.
    let (said, restored) = scene
        .restored_despite(
            "update users set suspended_at = 'long ago' where email = 'acme.member@example.test'",
            "users.suspended_at cannot be read",
        )
        .await;
    expect_line(&said, "Repaired: users.suspended_at: 1 unreadable time was set to now.");
    assert!(said.contains("Repaired: users: the first of these rows: "), "{said}");
    let suspended = "select count(*) from users where suspended_at is not null";
    assert_eq!(restored.number(suspended).await, 1);
    restored.remove().await;

    let (said, restored) = scene
        .restored_despite(
            "update saved_filters set name = x'00ff'",
            "saved_filters.name cannot be read",
        )
        .await;
    let filters = database.number("select count(*) from saved_filters").await;
    assert!(filters > 1);
    expect_line(
        &said,
        &format!(
            "Repaired: saved_filters: {filters} rows were left out, whose name could not be read."
        ),
    );
    assert_eq!(restored.number("select count(*) from saved_filters").await, 0);
    restored.remove().await;
}

#[tokio::test]
async fn rows_against_the_rules_of_the_schema_are_left_out() {
    let scene = Scene::new().await;
    let tasks = scene.world.app.database.number("select count(*) from tasks").await;
    let (said, restored) = scene
        .restored_despite(
            "pragma ignore_check_constraints = on; update tasks set status = 'lost';
             drop table notice_choices",
            "CHECK constraint failed in tasks",
        )
        .await;
    expect_line(
        &said,
        &format!("Repaired: tasks: {tasks} rows were left out, which break a rule of the schema."),
    );
    expect_line(&said, "Repaired: notice_choices: the table was missing, and is empty now.");
    assert_eq!(restored.number("select count(*) from tasks").await, 0);
    restored.remove().await;
}

#[tokio::test]
async fn a_damaged_database_is_backed_up_all_the_same_and_told_of() {
    let scene = Scene::new().await;
    let here = scene.here();
    done(here, &["restore", "a.backup"], "sqlite:own.db");
    execute(&here.join("own.db"), "update clients set notes = cast(x'ff' as text)").await;
    let said = refused(here, &["backup", "own.backup"], "sqlite:own.db");
    assert!(said.contains("TENANTRY_DATABASE_URL: the backup was made"), "{said}");
    assert!(said.contains("values cannot be read in clients.notes"), "{said}");
    let said = refused(here, &["backup", "verify", "own.backup"], "sqlite:nothing.db");
    assert!(said.contains("a value of clients.notes cannot be read"), "{said}");
    assert!(!said.contains("was changed"), "{said}");
    done(here, &["restore", "own.backup", "--despite-faults"], "sqlite:mended.db");
    // A database that is moved has not been checked by anything before.
    let to = ["move-database", "--to", "sqlite:moved.db"];
    let said = refused(here, &to, "sqlite:own.db");
    assert!(
        said.contains("TENANTRY_DATABASE_URL: a value of clients.notes cannot be read"),
        "{said}"
    );
    assert!(!here.join("moved.db").exists());
}
