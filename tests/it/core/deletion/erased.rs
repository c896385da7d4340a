//! What is erased with an account, and what stays because it belongs to organizations.

use tenantry::platform::db::statement;
use tenantry::platform::retention;
use time::Duration;

use super::{ADA, DONE, acme, delete, work};
use crate::core::operators;
use crate::support::{PASSWORD, TestApp, email_of};

/// An id as a literal in a statement.
fn literal(app: &TestApp, id: &str) -> String {
    match app.database.is_postgres() {
        true => format!("'{id}'"),
        false => format!("x'{}'", id.replace('-', "")),
    }
}

#[tokio::test]
async fn an_organization_with_nobody_else_in_it_goes_and_is_found_nowhere() {
    let app = TestApp::spawn().await;
    let operator = operators::operator(&app, "Otto Operator").await;
    let ada = app.founder(ADA, "Solo").await;
    let nia = app.founder("Nia New", "Nias").await;
    let link = app.invite(&ada, "solo", &email_of("Nia New"), "member").await;
    let id = operators::organization_id(&operator, "solo").await;
    let enter = format!("/operator/organizations/{id}/enter");
    let visit = [("reason", "Ticket 42: looks odd"), ("minutes", "30"), ("may_write", "yes")];
    operator.post(&enter, &visit).await.expect_redirect("/orgs/solo");
    operator.get("/orgs/solo").await.expect(200);

    delete(&ada, ADA).await.expect_redirect(DONE);
    app.work().await;
    operator.get("/orgs/solo").await.expect(404);
    operator.post("/orgs/solo/clients", &[("name", "Too late")]).await.expect(404);
    operator.get(&enter).await.expect(404);
    operator.post(&enter, &visit).await.expect(404);
    let list = operator.get("/operator/organizations?q=solo").await.expect(200);
    assert_eq!(list.count("tbody tr"), 0);
    let page = nia.get(&link).await.expect(410);
    assert!(!page.text("h1").is_empty());
    nia.post(&format!("{link}/accept"), &[]).await.expect(410);
    assert!(!nia.get("/orgs").await.body.contains("Solo"));
    let entries =
        "select count(*) from audit_log l join organizations o on o.id = l.organization_id
        where o.slug = 'solo' and o.deleted_at is not null
            and l.action in ('organization.deleted', 'member.left')";
    assert_eq!(app.database.number(entries).await, 2);
    // Its slug is not available to other organizations as long as anything of it is left.
    let fields = [("name", "Solo"), ("slug", "solo")];
    nia.post("/orgs", &fields).await.expect(422);

    app.advance(retention::RETENTION);
    retention::purge(&app.app).await.unwrap();
    let there = format!("select count(*) from organizations where id = {}", literal(&app, &id));
    assert_eq!(app.database.number(&there).await, 1, "thirty days are not over");
    app.advance(Duration::seconds(1));
    retention::purge(&app.app).await.unwrap();
    for table in app.database.tables().await {
        let columns = app.database.columns(&table).await;
        let column = match columns.iter().any(|column| column == "organization_id") {
            true => "organization_id",
            false if table == "organizations" => "id",
            false => continue,
        };
        let rows = format!("select count(*) from {table} where {column} = {}", literal(&app, &id));
        let is_log = table.starts_with("audit_");
        assert_eq!(app.database.number(&rows).await > 0, is_log, "{table}");
    }
}

#[tokio::test]
async fn asvs_14_2_7_nothing_tells_about_the_person_any_more_and_the_records_stay() {
    let (app, olga, ada, link) = acme().await;
    let project = work(&app, &olga, &ada).await;
    // One of everything that contains a name or an address.
    ada.post("/account/security/totp", &[]).await.expect(303);
    ada.post("/account/email", &[("email", "quixley.two@example.test")]).await.expect(303);
    ada.post("/account", &[("name", ADA)]).await.expect(303);
    app.browser().post("/login", &[("email", &email_of(ADA)), ("password", "x")]).await;
    app.browser().post("/password/forgot", &[("email", &email_of(ADA))]).await.expect(303);
    let thief = [("name", "Eve"), ("email", &email_of(ADA)), ("password", PASSWORD)];
    let thief = [&thief[..], &[("organization", "Eve")]].concat();
    app.browser().post("/signup", &thief).await.expect(303);
    let filter = [("list", "members"), ("name", ADA), ("query", "?q=quixley")];
    ada.post("/orgs/acme/filters", &filter).await.expect(303);
    app.invite(&ada, "acme", "nia@example.test", "viewer").await;
    let wanted = app.founder("Otto Other", "Other").await;
    let waiting = app.invite(&wanted, "other", &email_of(ADA), "viewer").await;
    let asked = app.invite(&wanted, "other", "typo@example.test", "viewer").await;
    ada.post(&format!("{asked}/ask"), &[]).await.expect(303);
    for _ in 0..3 {
        // Repeated refusals are written with a delay.
        ada.get("/orgs/other").await.expect(404);
    }
    let phone = app.sign_in(ADA).await;
    phone.get("/orgs/acme").await.expect(200);
    app.work().await;
    for word in ["quixley", &email_of(ADA)] {
        assert!(app.dump().await.to_lowercase().contains(word), "{word}");
    }
    let entries = app.database.number("select count(*) from audit_log").await;

    delete(&ada, ADA).await.expect_redirect(DONE);
    app.work().await;
    // The delayed ones are written when they are due.
    app.advance(Duration::minutes(11));
    app.work().await;
    let dump = app.dump().await.to_lowercase();
    let told: Vec<&str> = dump.lines().filter(|line| line.contains("quixley")).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    assert!(app.database.number("select count(*) from audit_log").await > entries);
    let rows = "select count(*) from throttle where key like 'sign_in account%'";
    assert_eq!(app.database.number(rows).await, 0);
    let last = "select count(*) from outbox where is_last";
    assert_eq!(app.database.number(last).await, 0);

    let page = olga.get(&project).await.expect(200);
    assert!(page.body.contains("These were counted twice."), "{}", page.body);
    assert_eq!(page.text(".comment-head strong"), "Deleted account");
    assert!(page.body.contains("Rivets"));
    olga.get("/orgs/acme/activity").await.expect(200);
    let log = olga.get("/orgs/acme/audit").await.expect(200);
    assert!(log.text("table").contains("left"), "{}", log.body);
    olga.get("/orgs/acme/audit?who=deleted").await.expect(200);
    let page = olga.get("/orgs/acme/audit/verify").await.expect(200);
    assert_ne!(page.text(".notice-success"), "", "{}", page.body);
    for link in [&link, &waiting] {
        app.browser().get(link).await.expect(410);
    }
    assert_eq!(wanted.get("/orgs/other/members?q=quixley").await.count("tbody tr"), 0);
}

/// Tables that refer to a person and keep their rows: what the rows contain belongs to
/// organizations.
const KEPT: &[&str] = &["comments", "invitations", "join_links", "operator_visits"];
/// Tables whose rows about a person are removed elsewhere.
const EMPTIED: &[(&str, &str)] = &[
    ("memberships", "src/core/members/sql.rs"),
    ("operators", "src/core/operators/sql.rs"),
    ("sign_ins", "src/core/deletion/sql.rs"),
];

#[tokio::test]
async fn every_table_that_refers_to_a_person_is_emptied_or_known_to_be_kept() {
    let app = TestApp::spawn().await;
    let referring = if app.database.is_postgres() {
        "select distinct conrelid::regclass::text from pg_constraint
         where contype = 'f' and confrelid = 'users'::regclass order by 1"
    } else {
        "select distinct m.name from sqlite_schema m join pragma_foreign_key_list(m.name) k
         where m.type = 'table' and k.\"table\" = 'users' order by 1"
    };
    let removes = |table: &str, file: &str| {
        let begin = format!("delete from {table} where ");
        statement::all().any(|s| s.file == file && s.sqlite.starts_with(&begin))
    };
    for table in app.database.texts(referring).await {
        let file = EMPTIED.iter().find(|(name, _)| *name == table).map(|(_, file)| *file);
        assert!(
            KEPT.contains(&table.as_str())
                || removes(&table, file.unwrap_or("src/core/deletion/sql.rs")),
            "{table} refers to a person: have the deletion of an account empty it"
        );
    }
}
