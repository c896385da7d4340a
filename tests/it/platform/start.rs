//! The start: a database that is not there yet or refuses access, who may migrate, and which
//! program it is.

use std::path::Path;
use std::process::{Command, Output};

use url::Url;

use crate::support::TestDatabase;
use crate::support::service::{Service, command};

async fn run(mut command: Command) -> (Option<i32>, String) {
    let run = tokio::task::spawn_blocking(move || command.output().unwrap());
    let Output { status, stderr, .. } = run.await.unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[tokio::test]
async fn a_database_that_is_away_is_awaited_and_named_with_the_cause() {
    let folder = tempfile::tempdir().unwrap();
    let url = "postgres://u:s3cret@127.0.0.1:1/d";
    let mut waiting = command(folder.path(), &["serve"], Some(url));
    waiting.env("TENANTRY_DATABASE_WAIT", "1");
    let (code, said) = run(waiting).await;
    assert_eq!(code, Some(1), "{said}");
    let (waits, fails) = said.trim_end().rsplit_once('\n').unwrap();
    assert!(waits.contains("waiting for the database"), "{said}");
    assert_eq!(waits.matches("waiting for").count(), 1, "the same cause is told once: {said}");
    let place = "TENANTRY_DATABASE_URL: the database d at 127.0.0.1:1: Connection refused";
    assert!(fails.contains(place), "{said}");
    assert!(fails.contains("gave up after 1 seconds") && !said.contains("s3cret"), "{said}");
    // Other commands fail at once.
    let (code, said) = run(command(folder.path(), &["operator", "list"], Some(url))).await;
    assert_eq!(code, Some(1));
    assert!(said.contains("Connection refused"), "{said}");
}

#[tokio::test]
async fn what_does_not_pass_by_itself_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create().await;
    if !database.is_postgres() {
        return database.remove().await;
    }
    let mut nowhere = Url::parse(&database.url).unwrap();
    nowhere.set_path("/tenantry_nowhere");
    let mut nobody = Url::parse(&database.url).unwrap();
    nobody.set_username("tenantry_nobody").unwrap();
    for (url, words) in [
        (nowhere.as_str(), "\"tenantry_nowhere\" does not exist"),
        (nobody.as_str(), "tenantry_nobody"),
        (&format!("{}?sslmode=require", database.url.split('?').next().unwrap()), "TLS"),
    ] {
        let mut serve = command(folder.path(), &["serve"], Some(url));
        serve.env("TENANTRY_DATABASE_WAIT", "3600");
        let (code, said) = run(serve).await;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(words) && !said.contains("waiting"), "{said}");
    }
    database.remove().await;
}

#[tokio::test]
async fn a_service_that_starts_before_its_database_serves_as_soon_as_that_is_there() {
    let database = TestDatabase::create().await;
    if !database.is_postgres() {
        return database.remove().await;
    }
    let folder = tempfile::tempdir().unwrap();
    // A port that is closed at first and later leads to the database.
    let door = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = door.local_addr().unwrap().port();
    drop(door);
    let mut url = Url::parse(&database.url).unwrap();
    let server = (url.host_str().unwrap().to_owned(), url.port().unwrap_or(5432));
    url.set_port(Some(port)).unwrap();
    let mut serve = command(folder.path(), &["serve"], Some(url.as_str()));
    let log = folder.path().join("log");
    serve.env("TENANTRY_DATABASE_WAIT", "60").stderr(std::fs::File::create(&log).unwrap());
    let starting = tokio::task::spawn_blocking(move || Service::start_as(serve));
    while !std::fs::read_to_string(&log).unwrap().contains("waiting for the database") {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let door = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = door.accept().await {
            let (host, port) = server.clone();
            tokio::spawn(async move {
                let mut far = tokio::net::TcpStream::connect((host, port)).await.unwrap();
                let _ended = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    let service = starting.await.unwrap();
    service.browser().get("/readyz").await.expect(200);
    drop(service);
    database.remove().await;
}

#[tokio::test]
async fn someone_who_may_not_migrate_is_told_who_may() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create().await;
    if !database.is_postgres() {
        return database.remove().await;
    }
    let (code, said) = run(command(folder.path(), &["migrate"], Some(&database.url))).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("the role tenantry_app, the role of the service, may not migrate"),
        "{said}"
    );
    assert!(
        said.contains("because the tables belong to ") && said.contains("with the URL of"),
        "{said}"
    );
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    let (code, said) = run(command(folder.path(), &["migrate"], Some(&database.owner_url))).await;
    assert_eq!(code, Some(0), "{said}");
    database.remove().await;
}

#[test]
fn the_version_says_what_was_built() {
    let folder = tempfile::tempdir().unwrap();
    let output = command(folder.path(), &["--version"], None).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let begin = concat!("tenantry ", env!("CARGO_PKG_VERSION"), " (");
    assert!(said.starts_with(begin) && said.trim_end().ends_with(')'), "{said}");
    assert!(said.contains(std::env::consts::ARCH), "{said}");
}

#[cfg(unix)]
#[test]
#[expect(clippy::disallowed_methods, reason = "the test starts the program as somebody else")]
fn a_file_that_is_not_ours_to_read_is_named_with_its_owner() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "smtp://mail.test").unwrap();
    let set_mode = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set_mode(&file, 0o000);
    let mut config = command(folder.path(), &["config"], None);
    if std::fs::read(&file).is_ok() {
        // Root can read everything: if possible, run the program as another user.
        let program = folder.path().join("tenantry");
        // A process that another test starts meanwhile would inherit a file that we write, and a
        // file that is open for writing cannot be run.
        let copied = Command::new("cp").arg(config.get_program()).arg(&program).status().unwrap();
        assert!(copied.success());
        set_mode(folder.path(), 0o755);
        config = Command::new(program);
        config.arg("config").current_dir(folder.path()).uid(65534).gid(65534);
    }
    config.env("TENANTRY_SMTP_URL_FILE", &file);
    let said = String::from_utf8(config.output().unwrap().stderr).unwrap();
    assert!(
        said.contains("TENANTRY_SMTP_URL_FILE: /") && said.contains("Permission denied"),
        "{said}"
    );
    assert!(said.contains("it belongs to ") && said.contains("(mode 000)"), "{said}");
}

#[tokio::test]
async fn a_command_in_a_folder_without_a_database_makes_none_and_says_where_it_looked() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["status"][..],
        &["user", "list"],
        &["user", "create", "ada@example.test", "--name", "Ada"],
        &["operator", "list"],
        &["operator", "first-link"],
        &["sign-ins", "end", "--all", "--yes"],
        &["restored", "--yes"],
        &["keys", "status"],
        &["audit", "list"],
        &["factors", "remove", "ada@example.test", "--reason", "lost"],
        &["backup", "a.backup"],
        &["doctor"],
    ] {
        let mut command = command(folder.path(), arguments, None);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(
            said.contains("here is no file data/tenantry.db") && said.contains("--env-file"),
            "{arguments:?}: {said}"
        );
        let made = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(made, 0, "{arguments:?}");
    }
}

#[tokio::test]
async fn what_could_not_be_printed_is_a_failure_unless_the_reader_has_gone() {
    let folder = tempfile::tempdir().unwrap();
    for (full, code) in [(true, Some(1)), (false, Some(0))] {
        let mut config = command(folder.path(), &["config"], None);
        if full {
            config.stdout(std::fs::File::options().write(true).open("/dev/full").unwrap());
        } else {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            config.stdout(writer);
        }
        let (found, said) = run(config).await;
        assert_eq!(found, code, "{said}");
        assert_eq!(said.contains("could not print everything"), full, "{said}");
    }
}
