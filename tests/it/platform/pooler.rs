//! The program behind the distribution's PgBouncer in transaction mode. These tests start a
//! PgBouncer of their own in front of the PostgreSQL of the tests. `bin/test pooler` runs all tests
//! through one.

use sqlx::{Connection, Executor, PgConnection, Row};

use crate::support::service::{ADA, Service, command};
use crate::support::{PgBouncer, TestDatabase};

/// Settings in addition to the minimum: none, and what the manuals of other programs ask for.
const WAYS: [&str; 2] = ["", "ignore_startup_parameters = extra_float_digits, options"];

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

fn run(arguments: &[&str], url: &str, pooler: Option<&str>) -> Said {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(folder.path(), arguments, Some(url));
    // No mail server is set, which is fine on a developer's own machine.
    command.env("TENANTRY_BASE_URL", "http://127.0.0.1:3000");
    if let Some(pooler) = pooler {
        command.env("TENANTRY_DATABASE_POOLER", pooler);
    }
    let output = command.output().unwrap();
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A database with a pooler in front of it; `None` on SQLite, and if PgBouncer is not installed.
async fn pooled(settings: &str) -> Option<(TestDatabase, PgBouncer)> {
    let database = TestDatabase::create().await;
    let pooler = database.is_postgres().then(|| PgBouncer::start(&database.owner_url, settings));
    match pooler.flatten() {
        Some(pooler) => Some((database, pooler)),
        None => {
            database.remove().await;
            None
        }
    }
}

#[tokio::test]
async fn pages_are_served_through_a_pooler_in_transaction_mode_that_nothing_was_told() {
    for way in WAYS {
        let Some((database, pooler)) = pooled(way).await else { return };
        let url = pooler.in_front_of(&database.url);
        let folder = tempfile::tempdir().unwrap();
        // Two processes: if they named their statements, a pooler would mix them up.
        let services: Vec<Service> =
            (0..2).map(|_| Service::start(folder.path(), &[], Some(&url))).collect();
        let ada = services[0].browser();
        ada.submit("/signup", &ADA).await.expect(200);
        for round in 0..12 {
            let name = format!("Client {round}");
            let made = ada.post("/orgs/acme/clients", &[("name", name.as_str())]).await;
            assert_eq!(made.status, 303, "{}", made.body);
            let strangers = (0..6).map(|nth| {
                let browser = services[nth % 2].browser();
                async move { browser.get("/login").await.expect(200) }
            });
            futures_util::future::join_all(strangers).await;
            assert!(ada.get("/orgs/acme/clients").await.expect(200).body.contains(&name));
        }
        // Settings of one server connection are not left for the next client that gets it.
        let mut connection = PgConnection::connect(&url).await;
        if way.is_empty() {
            assert!(connection.is_err(), "it refuses what it does not know");
        } else {
            let connection = connection.as_mut().unwrap();
            for left in [
                "select count(*)::text from pg_prepared_statements",
                "select current_setting('statement_timeout')",
            ] {
                let row = connection.fetch_one(sqlx::raw_sql(left)).await.unwrap();
                assert_eq!(row.get::<&str, _>(0), "0", "{left}");
            }
        }
        drop(services);
        database.remove().await;
    }
}

#[tokio::test]
async fn a_restart_of_the_server_behind_a_pooler_is_not_seen() {
    let Some((database, pooler)) = pooled("").await else { return };
    let url = pooler.in_front_of(&database.url);
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[], Some(&url));
    let ada = service.browser();
    ada.submit("/signup", &ADA).await.expect(200);
    for _ in 0..3 {
        database.end_connections().await;
        ada.get("/orgs/acme").await.expect(200);
        database.end_connections().await;
        ada.post("/orgs/acme/clients", &[("name", "Fern")]).await;
        ada.get("/orgs/acme/clients").await.expect(200);
    }
    drop(service);
    database.remove().await;
}

#[tokio::test]
async fn the_doctor_names_the_pooler_where_it_tells_and_says_so_where_it_does_not() {
    for way in WAYS {
        let Some((database, pooler)) = pooled(way).await else { return };
        let said = run(&["doctor"], &pooler.in_front_of(&database.url), None);
        assert!(!said.out.contains("FAIL  "), "{}", said.out);
        assert!(said.out.contains("ok    pooler: One in transaction mode, or one"), "{}", said.out);
        assert!(said.out.contains("stats_users"), "{}", said.out);
        assert!(said.out.contains("ok    session settings: "), "{}", said.out);
        database.remove().await;
    }
    let Some((database, pooler)) = pooled("stats_users = tenantry_app").await else { return };
    let said = run(&["doctor"], &pooler.in_front_of(&database.url), None);
    let line = said.out.lines().find(|line| line.starts_with("ok    pooler: ")).unwrap();
    assert!(line.contains("PgBouncer 1.") && line.contains(" in transaction mode."), "{line}");
    database.remove().await;
}

#[tokio::test]
async fn a_wrong_word_about_the_pooler_is_found_and_mended_as_the_doctor_says() {
    for (way, words) in WAYS.into_iter().zip([
        "database: It cannot be reached: error returned from database: unsupported startup parameter",
        "pooler: It loses prepared statements between transactions: ",
    ]) {
        let Some((database, pooler)) = pooled(way).await else { return };
        let url = pooler.in_front_of(&database.url);
        let said = run(&["doctor"], &url, Some("none"));
        let failed: Vec<&str> =
            said.out.lines().filter(|line| line.starts_with("FAIL  ")).collect();
        assert!(failed.len() == 1 && failed[0].contains(words), "{words}: {}", said.out);
        assert!(said.out.contains("leave TENANTRY_DATABASE_POOLER out, or set it to transaction")
            || said.out.contains("Leave TENANTRY_DATABASE_POOLER out, or set it to transaction"));
        for right in ["transaction", "detect"] {
            let said = run(&["doctor"], &url, Some(right));
            assert!(!said.out.contains("FAIL  "), "{right}: {}", said.out);
        }
        database.remove().await;
    }
}

#[tokio::test]
async fn migrating_through_a_pooler_is_refused_whatever_is_said_of_it() {
    for way in WAYS {
        let Some((database, pooler)) = pooled(way).await else { return };
        let url = pooler.in_front_of(&database.owner_url);
        for word in [None, Some("none"), Some("transaction")] {
            let said = run(&["migrate"], &url, word);
            assert_eq!(said.code, Some(1), "{}{}", said.out, said.err);
            assert!(said.err.contains("a pooler in transaction mode"), "{}", said.err);
            assert!(said.err.contains("the URL of the server itself"), "{}", said.err);
        }
        assert_eq!(run(&["migrate"], &database.owner_url, None).code, Some(0));
        database.remove().await;
    }
}
