//! A database is moved to the other engine, and an SQLite database is used by only one service at a
//! time.

use super::{done, expect_alike, refused};
use crate::support::service::{ADA, Service, command};
use crate::support::world::World;
use crate::support::{PASSWORD, TestDatabase};

#[tokio::test]
async fn a_database_is_moved_to_the_other_engine_and_back_with_every_row() {
    let world = World::new().await;
    let original = &world.app.database;
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    if original.is_postgres() {
        let to = ["move-database", "--to", "sqlite:moved.db"];
        let said = refused(here, &to, &original.owner_url);
        assert!(said.contains("a service is connected"), "{said}");
        assert!(!here.join("moved.db").exists());
    }
    world.app.app.close().await;
    if original.is_postgres() {
        // The server needs a moment to notice.
        original.end_connections().await;
    }
    let to = ["move-database", "--to", "sqlite:moved.db"];
    let said = done(here, &to, &original.owner_url);
    assert!(said.contains("compared one by one; 3 audit logs proved."), "{said}");
    assert!(said.contains("The old database is as it was."), "{said}");
    let target = TestDatabase::empty().await;
    let mut back = command(here, &["move-database"], Some("sqlite:moved.db"));
    let output = back.env("TENANTRY_TARGET_DATABASE_URL", &target.owner_url).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    expect_alike(original, &target).await;
    // It cannot be moved twice.
    let mut again = command(here, &["move-database"], Some("sqlite:moved.db"));
    let output = again.env("TENANTRY_TARGET_DATABASE_URL", &target.owner_url).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("not empty") || said.contains("already exists"), "{said}");

    let mut service = Service::start(here, &[], Some(&target.url));
    let browser = service.browser();
    let fields = [("email", "acme.owner@example.test"), ("password", PASSWORD)];
    browser.post("/login", &fields).await.expect(303);
    browser.get("/orgs/acme/clients").await.expect(200);
    assert!(service.terminate().success());
    target.remove().await;
}

#[tokio::test]
async fn an_sqlite_database_is_used_by_one_service_at_a_time_and_by_commands_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let url = "sqlite:data/tenantry.db";
    let service = Service::start(here, &[], None);
    service.browser().submit("/signup", &ADA).await.expect(200);
    let who = format!("in use by `tenantry serve`, process {}, since ", service.child.id());
    for arguments in
        [&["serve"][..], &["move-database", "--to", "sqlite:other.db"], &["restore", "none.backup"]]
    {
        let said = refused(here, arguments, url);
        assert!(said.contains(&who), "{arguments:?}: {said}");
        assert!(said.starts_with("tenantry: TENANTRY_DATABASE_URL: "), "{said}");
    }
    // This also holds when the file is reached by another path.
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(here.join("data"), here.join("elsewhere")).unwrap();
        let said = refused(here, &["serve"], "sqlite:elsewhere/tenantry.db");
        assert!(said.contains(&who), "{said}");
    }
    for arguments in [
        &["migrate"][..],
        &["audit", "verify"],
        &["sign-ins", "end", "--all", "--yes"],
        &["backup", "a.backup"],
        &["restored", "--yes"],
    ] {
        done(here, arguments, url);
    }
    service.browser().get("/healthz").await.expect(200);
    // The lock ends with the process, however the process ends.
    drop(service);
    let mut service = Service::start(here, &[], None);
    assert!(service.terminate().success());
    done(here, &["move-database", "--to", "sqlite:other.db"], url);
}
