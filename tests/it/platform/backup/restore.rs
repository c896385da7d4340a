//! A restored database equals the one that was backed up.

use std::path::PathBuf;

use sqlx::{Connection, Row};

use super::{done, execute, expect_alike, guards, number, open, refused, run};
use crate::platform::migrations::database_at;
use crate::platform::secret_key::{House, code};
use crate::support::service::{Service, command};
use crate::support::world::World;
use crate::support::{PASSWORD, TestApp, TestDatabase};

/// Both organizations, with one of everything, are backed up while they are served.
#[tokio::test]
async fn a_backup_is_restored_row_for_row_on_either_engine_and_on_the_way_back() {
    let world = World::new().await;
    let original = &world.app.database;
    let folder = tempfile::tempdir().unwrap();
    let said = done(folder.path(), &["backup", "one.backup"], &original.owner_url);
    assert!(said.starts_with("one.backup: ") && said.contains("of 2 organizations, in "), "{said}");
    done(folder.path(), &["backup", "verify", "one.backup"], "sqlite:nothing.db");

    let said = done(folder.path(), &["restore", "one.backup"], "sqlite:restored.db");
    assert!(said.contains("of 2 organizations; 3 audit logs were proved."), "{said}");
    assert!(said.contains("tenantry restored"), "{said}");
    let restored = TestDatabase::of_file(&folder.path().join("restored.db"));
    // A backup of the restored database is the same again.
    done(folder.path(), &["backup", "two.backup"], "sqlite:restored.db");
    let again = TestDatabase::empty().await;
    done(folder.path(), &["restore", "two.backup"], &again.owner_url);
    expect_alike(original, &again).await;
    assert_eq!(guards(original).await, guards(&again).await);
    if !original.is_postgres() {
        expect_alike(original, &restored).await;
    }
    let fresh = TestDatabase::create().await;
    if !fresh.is_postgres() {
        assert_eq!(guards(&fresh).await, guards(&restored).await);
    }
    let counts = "select count(*) from organizations o where member_count <> (
        select count(*) from memberships m where m.organization_id = o.id)";
    assert_eq!(restored.number(counts).await, 0, "no trigger has counted again");
    done(folder.path(), &["audit", "verify"], "sqlite:restored.db");
    fresh.remove().await;
    again.remove().await;
}

#[tokio::test]
async fn after_a_lost_server_people_sign_in_with_password_and_app_on_either_engine() {
    let house = House::new().await;
    let folder = house.folder.path();
    let said = done(folder, &["backup", "a.backup"], &house.database.owner_url);
    assert!(said.contains("sealed with the secret key "), "{said}");
    assert!(said.contains("which is not in it: keep data/secret.key too"), "{said}");
    assert!(!said.contains("does not have"), "{said}");
    // Another machine, with the backup, and with the key file from its separate copy.
    let elsewhere = tempfile::tempdir().unwrap();
    let here = elsewhere.path();
    std::fs::copy(folder.join("a.backup"), here.join("a.backup")).unwrap();
    let without = done(here, &["backup", "verify", "a.backup"], "sqlite:nothing.db");
    assert!(
        without.contains("On this machine data/secret.key does not have the key "),
        "{without}"
    );
    std::fs::create_dir(here.join("data")).unwrap();
    std::fs::copy(house.key_file(), here.join("data/secret.key")).unwrap();
    let fresh = TestDatabase::empty().await;
    for (owner, url) in [
        ("sqlite:data/tenantry.db", "sqlite:data/tenantry.db"),
        (fresh.owner_url.as_str(), fresh.url.as_str()),
    ] {
        done(here, &["restore", "a.backup"], owner);
        done(here, &["restored", "--yes"], url);
        let mut service = Service::start(here, &[], Some(url));
        let old = house.ada.at(&service.origin);
        old.get("/account").await.expect(303);
        let browser = service.browser();
        let fields = [("email", "ada@example.test"), ("password", PASSWORD)];
        browser.post("/login", &fields).await.expect_redirect("/login/factor");
        let entered = browser.post("/login/factor", &[("code", &code(&house.seed))]).await;
        // The app may still show the code that was used to set it up. That code is refused as used,
        // which also shows that the secret could be opened.
        assert!([303, 422].contains(&entered.status.as_u16()), "{}", entered.body);
        if entered.status == 303 {
            browser.get("/orgs/acme").await.expect(200);
        }
        let recovery = service.browser();
        recovery.post("/login", &fields).await.expect_redirect("/login/factor");
        let spare = usize::from(owner != url);
        let spare = house.recovery_codes[spare].as_str();
        recovery.post("/login/factor", &[("code", spare)]).await.expect(303);
        recovery.get("/orgs/acme").await.expect(200);
        assert!(service.terminate().success());
    }
    fresh.remove().await;
    house.database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_made_while_people_work_is_of_one_moment() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let folder = tempfile::tempdir().unwrap();
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let writers: Vec<_> = (0..3)
        .map(|writer| {
            let (ada, stop) = (ada.clone(), std::sync::Arc::clone(&stop));
            tokio::spawn(async move {
                let mut written = 0;
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    let name = format!("Client {writer} {written}");
                    ada.post("/orgs/acme/clients", &[("name", &name)]).await.expect(303);
                    written += 1;
                }
                written
            })
        })
        .collect();
    let mut most = 0;
    for round in 0..4 {
        let name = format!("{round}.backup");
        let url = app.database.owner_url.clone();
        let (path, file) = (folder.path().to_owned(), name.clone());
        tokio::task::spawn_blocking(move || {
            done(&path, &["backup", &file], &url);
            done(&path, &["backup", "verify", &file], "sqlite:nothing.db");
        })
        .await
        .unwrap();
        let path = folder.path().join(&name);
        let clients = number(&path, "select count(*) from clients").await;
        let told = "select count(*) from audit_log where action = 'client.created'";
        assert_eq!(number(&path, told).await, clients, "each with what is told of it");
        assert!(clients >= most);
        most = clients;
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    for writer in writers {
        assert!(writer.await.unwrap() > 0);
    }
    assert!(most > 0, "there was something to be torn apart");
}

#[tokio::test]
async fn nothing_that_is_there_is_overwritten() {
    let house = House::new().await;
    let folder = house.folder.path();
    let owner = house.database.owner_url.as_str();
    done(folder, &["backup", "a.backup"], owner);
    let said = refused(folder, &["backup", "a.backup"], owner);
    assert!(said.contains("a.backup already exists") && said.contains("--replace"), "{said}");
    done(folder, &["backup", "a.backup", "--replace"], owner);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.join("a.backup")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "its owner's alone");
    }
    let people = house.database.texts("select email from users").await;
    let said = refused(folder, &["restore", "a.backup"], owner);
    match house.database.is_postgres() {
        true => assert!(
            said.contains("TENANTRY_DATABASE_URL: the database is not empty (rows in "),
            "{said}"
        ),
        false => assert!(said.contains("already exists, and nothing is overwritten"), "{said}"),
    }
    assert_eq!(house.database.texts("select email from users").await, people);
    // The write-ahead log of a deleted database would be read into the new one.
    std::fs::write(folder.join("new.db-wal"), "what was not written back").unwrap();
    let said = refused(folder, &["restore", "a.backup"], "sqlite:new.db");
    assert!(said.contains("new.db-wal already exists"), "{said}");
    assert!(!folder.join("new.db").exists());
    let left: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.iter().all(|path| !path.to_str().unwrap().ends_with(".part")), "{left:?}");
    if house.database.is_postgres() {
        let said = refused(folder, &["backup", "b.backup"], &house.database.url);
        assert!(said.contains("Use the URL of the database's owner"), "{said}");
        assert!(!folder.join("b.backup").exists());
    }
    house.database.remove().await;
}

#[tokio::test]
async fn nothing_but_a_backup_is_replaced() {
    let house = House::new().await;
    let folder = house.folder.path();
    let owner = house.database.owner_url.as_str();
    std::fs::write(folder.join("secret.key"), "a key").unwrap();
    std::fs::write(folder.join("notes.txt"), "a key").unwrap();
    for name in ["secret.key", "notes.txt"] {
        let said = refused(folder, &["backup", name, "--replace"], owner);
        assert!(said.contains("is not a backup, and only backups are replaced"), "{said}");
        assert_eq!(std::fs::read_to_string(folder.join(name)).unwrap(), "a key");
    }
    if let Some(path) = owner.strip_prefix("sqlite:") {
        let said = refused(folder, &["backup", path, "--replace"], owner);
        assert!(said.contains("is not a backup"), "{said}");
        let said = refused(folder, &["backup", &format!("{path}-wal"), "--replace"], owner);
        assert!(said.contains("an ending that SQLite reserves"), "{said}");
        assert_eq!(house.database.texts("select name from organizations").await.len(), 1);
    }
    house.database.remove().await;
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_in_the_way_and_not_ours_is_left_alone() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let database = TestDatabase::create().await;
    let (folder, owner) = (tempfile::tempdir().unwrap(), database.owner_url.as_str());
    let here = folder.path();
    let part = here.join(".a.backup.part");
    let elsewhere = here.join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::write(elsewhere.join("precious"), "").unwrap();

    symlink(&elsewhere, &part).unwrap();
    let said = refused(here, &["backup", "a.backup"], owner);
    assert!(said.contains(".a.backup.part is in the way"), "{said}");
    std::fs::remove_file(&part).unwrap();

    // Others could read what is written into this folder.
    std::fs::create_dir(&part).unwrap();
    std::fs::set_permissions(&part, std::fs::Permissions::from_mode(0o777)).unwrap();
    let said = refused(here, &["backup", "a.backup"], owner);
    assert!(said.contains(".a.backup.part is in the way"), "{said}");

    std::fs::set_permissions(&part, std::fs::Permissions::from_mode(0o700)).unwrap();
    std::fs::write(part.join("mine"), "").unwrap();
    let said = refused(here, &["backup", "a.backup"], owner);
    assert!(said.contains("mine is in the way"), "{said}");
    assert!(part.join("mine").exists() && elsewhere.join("precious").exists());

    // What an interrupted run of ours left behind is cleared away.
    std::fs::rename(part.join("mine"), part.join("backup.db-wal")).unwrap();
    done(here, &["backup", "a.backup"], owner);
    assert!(!part.exists());
    database.remove().await;
}

#[tokio::test]
async fn a_restore_that_is_killed_leaves_nothing_and_can_be_begun_again() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    done(folder.path(), &["backup", "a.backup"], &world.app.database.owner_url);
    let fresh = TestDatabase::empty().await;
    let url = fresh.owner_url.clone();
    let mut killed = 0;
    for pause in [20, 60, 120, 200, 300, 450] {
        let mut restore = command(folder.path(), &["restore", "a.backup"], Some(&url))
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
        if restore.try_wait().unwrap().is_some() {
            break;
        }
        restore.kill().unwrap();
        restore.wait().unwrap();
        // If the signal comes too late, the database is fully restored; nothing in between is
        // possible.
        if has_people(&fresh).await {
            break;
        }
        killed += 1;
    }
    assert!(killed > 0);
    let is_restored = has_people(&fresh).await;
    let output = run(folder.path(), &["restore", "a.backup"], &url);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.success(), !is_restored, "{said}");
    assert_eq!(
        said.contains("already exists") || said.contains("not empty"),
        is_restored,
        "{said}"
    );
    expect_alike(&world.app.database, &fresh).await;
    fresh.remove().await;
}

/// Returns whether anything was restored.
async fn has_people(database: &TestDatabase) -> bool {
    if database.is_postgres() {
        database.end_connections().await;
        let is_there = "select count(*) from pg_tables where tablename = 'users'";
        database.number(is_there).await == 1
            && database.number("select count(*) from users").await > 0
    } else {
        std::path::Path::new(database.url.strip_prefix("sqlite:").unwrap()).exists()
    }
}

#[tokio::test]
async fn a_backup_of_an_older_version_is_brought_up_to_date_and_one_of_a_newer_refused() {
    let old = database_at(27).await;
    let (id, now) = match old.is_postgres() {
        true => ("'00000000-0000-4000-8000-000000000001'", "now()"),
        false => ("x'00000000000040008000000000000001'", "0"),
    };
    old.execute(&format!(
        "insert into organizations (id, name, name_key, slug, created_at)
         values ({id}, 'Straße', 'straße', 'acme', {now});
         insert into roles (organization_id, key, name, description, rank, permissions)
         values ({id}, 'owner', 'Owner', '', 40, 'members.view')"
    ))
    .await
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    if old.is_postgres() {
        // The older version cannot know about this.
        let said = refused(folder.path(), &["backup", "old.backup"], &old.owner_url);
        assert!(said.contains("Run `tenantry migrate`"), "{said}");
        old.remove().await;
        return;
    }
    done(folder.path(), &["backup", "old.backup"], &old.owner_url);
    done(folder.path(), &["backup", "verify", "old.backup"], "sqlite:nothing.db");
    done(folder.path(), &["restore", "old.backup"], "sqlite:new.db");
    let mut file = open(&folder.path().join("new.db")).await;
    let row = sqlx::query("select o.name_key, r.permissions from organizations o, roles r")
        .fetch_one(&mut file)
        .await
        .unwrap();
    assert_eq!((row.get::<&str, _>(0), row.get::<&str, _>(1)), ("strasse", ""));
    file.close().await.unwrap();

    let backup = folder.path().join("old.backup");
    let newer = "update backup set manifest = replace(replace(manifest, '\"schema\":27', '\"schema\":9027'),
        '\"program\":\"', '\"program\":\"9.')";
    execute(&backup, newer).await;
    let said = refused(folder.path(), &["backup", "verify", "old.backup"], "sqlite:nothing.db");
    assert!(said.contains("its manifest was changed"), "{said}");
    let manifest: String = {
        let mut file = open(&backup).await;
        sqlx::query_scalar("select manifest from backup").fetch_one(&mut file).await.unwrap()
    };
    let digest = crate::support::sha256_hex(manifest.as_bytes());
    execute(&backup, &format!("update backup set digest = '{digest}'")).await;
    let said = refused(folder.path(), &["restore", "old.backup"], "sqlite:newer.db");
    assert!(said.contains("was made by Tenantry 9.") && said.contains("is newer than"), "{said}");
    assert!(!folder.path().join("newer.db").exists());
    old.remove().await;
}
