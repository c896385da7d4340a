//! Transactions that conflict with each other.

use sqlx::AssertSqlSafe;
use std::time::Duration;

use tenantry::platform::session::presence;

use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_collides_with_the_note_of_their_own_presence() {
    let app = TestApp::spawn().await;
    let owner = app.founder("Ada Lovelace", "Acme").await;
    owner.post("/orgs", &[("name", "Other")]).await.expect(303);
    for round in 0..12 {
        // After a minute's absence, the user's presence is written again.
        app.advance(time::Duration::minutes(2));
        owner.get("/orgs/acme").await.expect(200);
        let email = format!("guest{round}@example.test");
        let fields = [("email", email.as_str()), ("role", "viewer")];
        let (noted, invited) = tokio::join!(
            async {
                owner.get("/orgs/other").await.expect(200);
                presence::flush(&app.app).await
            },
            async {
                tokio::time::sleep(Duration::from_millis(round % 4)).await;
                owner.post("/orgs/acme/invitations", &fields).await
            }
        );
        noted.unwrap();
        invited.expect(303);
    }
    app.work().await;
}

/// Adds a trigger that fails the first `times` inserts into clients with `code`, as a conflict of
/// transactions does.
async fn collide(app: &TestApp, code: &str, times: u32) {
    let statement = format!(
        "create sequence tries;
         grant usage on sequence tries to public;
         create function collide() returns trigger language plpgsql as $$
         begin
            if nextval('tries') <= {times} then
                raise exception 'stood in the way' using errcode = '{code}';
            end if;
            return new;
         end $$;
         create trigger collide before insert on clients for each row execute function collide()"
    );
    app.database.execute(&statement).await.unwrap();
}

#[tokio::test]
async fn a_request_that_collides_once_is_answered_as_if_it_had_not() {
    for code in ["40001", "40P01"] {
        let app = TestApp::spawn().await;
        if !app.database.is_postgres() {
            return;
        }
        let owner = app.founder("Ada Lovelace", "Acme").await;
        collide(&app, code, 1).await;
        owner.post("/orgs/acme/clients", &[("name", "First")]).await.expect(303);
        assert_eq!(app.database.texts("select name from clients").await, ["First"]);
        assert_eq!(app.database.number("select last_value from tries").await, 2);
    }
}

#[tokio::test]
async fn a_request_that_collides_twice_is_told_so_and_has_changed_nothing() {
    let app = TestApp::spawn().await;
    if !app.database.is_postgres() {
        return;
    }
    let owner = app.founder("Ada Lovelace", "Acme").await;
    collide(&app, "40P01", 2).await;
    let answer = owner.post("/orgs/acme/clients", &[("name", "First")]).await.expect(503);
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
    assert_eq!(app.database.number("select count(*) from clients").await, 0);
    assert_eq!(app.database.number("select last_value from tries").await, 2);
    owner.post("/orgs/acme/clients", &[("name", "First")]).await.expect(303);
}

#[tokio::test]
async fn somebody_whose_role_is_changed_meanwhile_goes_on_as_what_they_are_now() {
    let app = TestApp::spawn().await;
    if !app.database.is_postgres() {
        return;
    }
    let owner = app.founder("Ada Lovelace", "Acme").await;
    let bob = app.member(&owner, "acme", "Bo Both", "member").await;
    bob.token().await;
    for (role, status) in [("admin", 303), ("viewer", 403)] {
        let mut changing = app.database.owner_connection().await;
        let acme = app.database.texts("select cast(id as text) from organizations").await.remove(0);
        let change = format!(
            "begin; set local app.organization_id = '{acme}';
             update memberships set role = '{role}' where role <> 'owner'"
        );
        sqlx::raw_sql(AssertSqlSafe(change)).execute(&mut changing).await.unwrap();
        let fields = [("name", role)];
        let (answer, ()) = tokio::join!(bob.post("/orgs/acme/clients", &fields), async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            sqlx::raw_sql("commit").execute(&mut changing).await.unwrap();
        });
        assert_eq!(answer.status, status, "{role}: {}", answer.body);
    }
}
