//! A full disk, and a database that accepts no changes.

use crate::support::{Browser, TestApp};

const CLIENTS: &str = "/orgs/acme/clients";

/// Makes every write to `table` fail. On SQLite the failure rolls the transaction back by itself,
/// as on a full disk; on PostgreSQL it is the error for a full disk.
async fn break_writes(app: &TestApp, table: &str) {
    let statement = match app.database.is_postgres() {
        true => format!(
            "create function as_on_a_full_disk() returns trigger language plpgsql as $$
             begin raise exception 'could not extend file' using errcode = '53100'; end $$;
             create trigger as_on_a_full_disk before insert or update on {table}
             for each row execute function as_on_a_full_disk()"
        ),
        false => format!(
            "create trigger as_on_a_full_disk before insert on {table}
             begin select raise(rollback, 'as on a full disk'); end"
        ),
    };
    app.database.execute(&statement).await.unwrap();
}

async fn mend_writes(app: &TestApp, table: &str) {
    let statement = match app.database.is_postgres() {
        true => {
            format!("drop trigger as_on_a_full_disk on {table}; drop function as_on_a_full_disk")
        }
        false => "drop trigger as_on_a_full_disk".to_owned(),
    };
    app.database.execute(&statement).await.unwrap();
}

/// Adds a client and returns the status of the answer. SQLite's substitute for a full disk is an
/// unknown fault and is answered as one.
async fn add_client(owner: &Browser, name: &str) -> u16 {
    let token = owner.token().await;
    let fields = [("name", name), ("csrf", &token)];
    owner.request("POST", CLIENTS).form(&fields).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_write_after_one_that_the_database_undid_by_itself_succeeds() {
    let app = TestApp::spawn().await;
    let owner = app.founder("Ada Lovelace", "Acme").await;
    break_writes(&app, "clients").await;
    for name in ["First", "Second"] {
        assert!(add_client(&owner, name).await >= 500);
    }
    mend_writes(&app, "clients").await;
    assert_eq!(add_client(&owner, "Third").await, 303);
    let names = app.database.texts("select name from clients").await;
    assert_eq!(names, ["Third"], "nothing of what failed was kept");
    app.sign_in("Ada Lovelace").await;
}

#[tokio::test]
async fn nothing_of_a_transaction_is_kept_that_the_database_undid_half_way() {
    let app = TestApp::spawn().await;
    let owner = app.founder("Ada Lovelace", "Acme").await;
    // The entry in the audit log is written after the change that it records.
    break_writes(&app, "audit_log").await;
    assert!(add_client(&owner, "First").await >= 500);
    mend_writes(&app, "audit_log").await;
    assert_eq!(app.database.number("select count(*) from clients").await, 0);
    assert_eq!(add_client(&owner, "Second").await, 303);
}

#[tokio::test]
async fn what_the_workers_could_not_write_is_written_when_the_fault_is_over() {
    let app = TestApp::spawn().await;
    let owner = app.founder("Ada Lovelace", "Acme").await;
    let other = app.member(&owner, "acme", "Grace Hopper", "member").await;
    app.advance(time::Duration::minutes(5));
    other.get("/orgs/acme/audit").await.expect(403);
    break_writes(&app, "audit_log").await;
    tenantry::platform::audit::refusals::flush(&app.app).await.unwrap_err();
    tenantry::platform::audit::refusals::flush(&app.app).await.ok();
    mend_writes(&app, "audit_log").await;
    tenantry::platform::audit::refusals::flush(&app.app).await.unwrap();
    let refused = "select count(*) from audit_log where action = 'access.refused'";
    assert_eq!(app.database.number(refused).await, 1, "the refusal was not forgotten");
}

#[tokio::test]
async fn a_database_that_takes_no_changes_is_not_ready_and_says_so() {
    let app = TestApp::spawn().await;
    let owner = app.founder("Ada Lovelace", "Acme").await;
    owner.get("/readyz").await.expect(200);
    let (close, open) = match app.database.is_postgres() {
        true => {
            let name = app.database.texts("select current_database()::text").await.remove(0);
            (
                format!("alter database {name} set default_transaction_read_only = on"),
                format!("alter database {name} set default_transaction_read_only = off"),
            )
        }
        // Another program keeps holding the write lock.
        false => (String::new(), String::new()),
    };
    let mut holder = None;
    if app.database.is_postgres() {
        app.database.on_server(&close).await;
        app.database.end_connections().await;
    } else {
        let mut connection = app.database.sqlite_connection().await;
        sqlx::query("begin immediate").execute(&mut connection).await.unwrap();
        holder = Some(connection);
    }
    app.advance(time::Duration::minutes(1));
    owner.get("/readyz").await.expect(503);
    let answer = owner.post(CLIENTS, &[("name", "First")]).await.expect(503);
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
    // What was typed is on the page, to be sent once the database works again.
    assert_eq!(answer.attribute("main form input[name=name]", "value"), "First");
    assert_eq!(answer.attribute("main form", "action"), CLIENTS);
    if app.database.is_postgres() {
        assert!(answer.text("main").contains("accepting changes"), "{}", answer.body);
        app.database.on_server(&open).await;
        app.database.end_connections().await;
    }
    drop(holder);
    app.advance(time::Duration::minutes(1));
    owner.get("/readyz").await.expect(200);
    assert_eq!(add_client(&owner, "Second").await, 303);
}
