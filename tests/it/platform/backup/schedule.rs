//! Automatic backups, and what `tenantry doctor` says about them.

use std::path::Path;

use super::{done, execute, refused};
use crate::support::service::{Service, command};
use crate::support::{TestDatabase, sha256_hex};

/// Returns the names of the files in the folder.
fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.unwrap().file_name().into_string().unwrap()
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_service_on_sqlite_makes_backups_by_itself_and_keeps_as_many_as_are_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let backups = here.join("backups");
    std::fs::create_dir(&backups).unwrap();
    let old = ["tenantry-2026-01-01T000000Z.backup", "tenantry-2026-01-02T000000Z.backup"];
    for name in old.iter().chain(&["tenantry-notes.txt"]) {
        std::fs::write(backups.join(name), "").unwrap();
    }
    let mut command = command(here, &[], None);
    command.env("TENANTRY_BACKUP_FOLDER", "backups").env("TENANTRY_BACKUP_KEEP", "2");
    command.stderr(std::process::Stdio::null());
    let mut service = Service::start_as(command);
    for _ in 0..200 {
        if !names(&backups).contains(&old[0].to_owned()) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(service.terminate().success());
    let there = names(&backups);
    assert_eq!(there.len(), 3, "{there:?}");
    assert!(there.contains(&old[1].to_owned()) && there.contains(&"tenantry-notes.txt".to_owned()));
    let new = there.iter().find(|name| !old.contains(&name.as_str())).unwrap();
    done(here, &["backup", "verify", &format!("backups/{new}")], "sqlite:nothing.db");
}

#[tokio::test]
async fn the_doctor_warns_where_none_are_made_and_fails_where_they_are_too_old() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let database = TestDatabase::create().await;
    let doctor = |variables: &[(&str, &str)]| {
        let mut command = command(here, &["doctor"], Some(&database.url));
        let output = command.envs(variables.iter().copied()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let said = doctor(&[]);
    assert!(said.contains("warn  backups: No backup folder is set"), "{said}");
    let set = [("TENANTRY_BACKUP_FOLDER", "kept"), ("TENANTRY_BACKUP_EVERY", "6")];
    let said = doctor(&set);
    assert!(said.contains("FAIL  backups: There is none in kept yet."), "{said}");
    assert!(said.contains("tenantry backup"), "{said}");
    let said = refused(here, &["backup"], &database.owner_url);
    assert!(said.contains("name the file to make, or set TENANTRY_BACKUP_FOLDER"), "{said}");
    let made = command(here, &["backup"], Some(&database.owner_url)).envs(set).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let said = doctor(&set);
    assert!(said.contains("ok    backups: The newest of 1 is kept/tenantry-"), "{said}");
    assert!(said.contains("made just now"), "{said}");
    // Make the backup look as if it were made on another day.
    let path = here.join("kept").join(&names(&here.join("kept"))[0]);
    let manifest: String = {
        let mut file = super::open(&path).await;
        sqlx::query_scalar("select manifest from backup").fetch_one(&mut file).await.unwrap()
    };
    let year = manifest.split("\"made_at\":\"").nth(1).unwrap()[..4].to_owned();
    let before: i32 = year.parse::<i32>().unwrap() - 1;
    let older =
        manifest.replacen(&format!("\"made_at\":\"{year}"), &format!("\"made_at\":\"{before}"), 1);
    let digest = sha256_hex(older.as_bytes());
    execute(&path, &format!("update backup set manifest = '{older}', digest = '{digest}'")).await;
    let said = doctor(&set);
    assert!(said.contains("FAIL  backups: The newest of 1") && said.contains(" ago."), "{said}");
    std::fs::write(&path, "not a backup").unwrap();
    let said = doctor(&set);
    assert!(
        said.contains("FAIL  backups: ") && said.contains("is not a backup of Tenantry"),
        "{said}"
    );
    database.remove().await;
}

#[tokio::test]
async fn a_backup_is_read_by_the_group_of_a_folder_that_is_shared_with_it_and_by_nobody_else() {
    use std::os::unix::fs::PermissionsExt;
    let database = TestDatabase::create().await;
    let folder = tempfile::tempdir().unwrap();
    for (mode, expected) in [(0o2750, 0o640), (0o755, 0o600), (0o2700, 0o600)] {
        let backups = folder.path().join(format!("{mode:o}"));
        std::fs::create_dir(&backups).unwrap();
        std::fs::set_permissions(&backups, std::fs::Permissions::from_mode(mode)).unwrap();
        let file = backups.join("a.backup");
        done(folder.path(), &["backup", file.to_str().unwrap()], &database.owner_url);
        let found = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(found & 0o777, expected, "{mode:o}");
    }
    database.remove().await;
}

#[tokio::test]
async fn a_backup_of_a_damaged_database_fails_the_doctor_and_drives_out_no_other() {
    let database = TestDatabase::create().await;
    if database.is_postgres() {
        // PostgreSQL itself detects the damage before the data is read.
        return database.remove().await;
    }
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let backups = here.join("backups");
    std::fs::create_dir(&backups).unwrap();
    let old = "tenantry-2026-01-01T000000Z.backup";
    done(here, &["backup", &format!("backups/{old}")], &database.url);
    let path = database.url.strip_prefix("sqlite:").unwrap();
    let damage = "insert or replace into heartbeats (id, beat_at) values (1, 'never')";
    execute(Path::new(path), damage).await;
    let set = [("TENANTRY_BACKUP_FOLDER", "backups"), ("TENANTRY_BACKUP_KEEP", "1")];
    let run = |arguments: &[&str]| {
        let mut command = command(here, arguments, Some(&database.url));
        command.envs(set).output().unwrap()
    };
    let made = run(&["backup"]);
    assert_eq!(made.status.code(), Some(1));
    assert_eq!(names(&backups).len(), 2, "{:?}", names(&backups));
    assert!(names(&backups).contains(&old.to_owned()));
    let said = String::from_utf8(run(&["doctor"]).stdout).unwrap();
    assert!(said.contains("FAIL  backups: The database was damaged when"), "{said}");
    assert!(said.contains("heartbeats.beat_at"), "{said}");
    database.remove().await;
}
