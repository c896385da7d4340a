//! Broken connections, and a database that does not answer.

use sqlx::AssertSqlSafe;
use std::time::Duration;

use futures_util::future::join_all;
use tenantry::platform::db::Patience;

use crate::support::TestApp;

/// Short enough for a test, and longer than anything that works should take.
const PATIENCE: Patience = Patience {
    connection: Duration::from_secs(2),
    lock: Duration::from_millis(500),
    statement: Duration::from_secs(2),
};

#[tokio::test]
async fn nobody_notices_that_the_server_was_restarted() {
    let app = TestApp::spawn().await;
    if !app.database.is_postgres() {
        return;
    }
    let owner = app.founder("Ada Lovelace", "Acme").await;
    // This fills the pool with as many connections as are allowed.
    let pages = || join_all((0..20).map(|_| owner.get("/orgs/acme/members")));
    for answer in pages().await {
        answer.expect(200);
    }
    app.database.end_connections().await;
    for answer in pages().await {
        answer.expect(200);
    }
    app.database.end_connections().await;
    owner.post("/orgs/acme/clients", &[("name", "First")]).await.expect(303);
    app.database.end_connections().await;
    let browser = app.sign_in("Ada Lovelace").await;
    app.database.end_connections().await;
    browser.post("/logout", &[]).await.expect(303);
}

#[tokio::test]
async fn a_statement_that_waits_for_a_lock_gives_up() {
    let app = TestApp::spawn_patient(PATIENCE).await;
    if !app.database.is_postgres() {
        return;
    }
    let owner = app.founder("Ada Lovelace", "Acme").await;
    let mut holder = app.database.owner_connection().await;
    sqlx::raw_sql("begin; lock table clients").execute(&mut holder).await.unwrap();
    owner.get("/orgs/acme/clients").await.expect(503);
    owner.post("/orgs/acme/clients", &[("name", "First")]).await.expect(503);
    owner.get("/orgs/acme/members").await.expect(200);
    sqlx::raw_sql("rollback").execute(&mut holder).await.unwrap();
    owner.post("/orgs/acme/clients", &[("name", "First")]).await.expect(303);
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the test stops processes of the database server")]
async fn a_backend_that_hangs_costs_one_answer_and_no_connection() {
    let app = TestApp::spawn_patient(PATIENCE).await;
    if !app.database.is_postgres() {
        return;
    }
    let owner = app.founder("Ada Lovelace", "Acme").await;
    let backends = app.database.backends().await;
    let signal = |name: &str| {
        let mut kill = std::process::Command::new("kill");
        assert!(kill.arg(name).args(&backends).status().unwrap().success());
    };
    assert!(!backends.is_empty());
    signal("-STOP");
    let answers = join_all((0..4).map(|_| owner.get("/orgs/acme/clients"))).await;
    let later = owner.get("/orgs/acme/clients").await;
    let saved = owner.post("/orgs/acme/clients", &[("name", "First")]).await;
    signal("-CONT");
    for answer in answers {
        assert!(matches!(answer.status.as_u16(), 200 | 503), "{}", answer.status);
    }
    later.expect(200);
    saved.expect(303);
}

#[tokio::test]
async fn what_the_database_refused_for_a_while_it_takes_again() {
    let app = TestApp::spawn().await;
    if !app.database.is_postgres() {
        return;
    }
    let owner = app.founder("Ada Lovelace", "Acme").await;
    let mut other = app.database.owner_connection().await;
    let mut set = async |what: &str| {
        let statement = format!(
            "do $$ begin execute format('alter database %I {what}', current_database()); end $$"
        );
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut other).await.unwrap();
    };
    let add = async |name: &str| {
        let answer = owner.post("/orgs/acme/clients", &[("name", name)]).await;
        answer.status.as_u16()
    };
    set("set default_transaction_read_only = on").await;
    app.database.end_connections().await;
    // Each connection of the pool keeps its settings.
    for answer in join_all((0..20).map(|_| owner.get("/orgs/acme/members"))).await {
        answer.expect(200);
    }
    assert_eq!(add("First").await, 503);
    set("reset default_transaction_read_only").await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    // The first failure reveals the stale connections.
    add("Second").await;
    for number in 0..20 {
        assert_eq!(add(&format!("Client {number}")).await, 303);
    }
}

#[tokio::test]
async fn nobody_notices_that_a_column_has_changed_its_type() {
    let app = TestApp::spawn().await;
    if !app.database.is_postgres() {
        return;
    }
    let owner = app.founder("Ada Lovelace", "Acme").await;
    let pages = || join_all((0..20).map(|_| owner.get("/orgs/acme/members")));
    for answer in pages().await {
        answer.expect(200);
    }
    let mut other = app.database.owner_connection().await;
    let change = "alter table users alter column name type varchar(400)";
    sqlx::raw_sql(change).execute(&mut other).await.unwrap();
    for answer in pages().await {
        answer.expect(200);
    }
    owner.post("/account", &[("name", "Ada King")]).await.expect(303);
}
