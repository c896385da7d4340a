//! Operators of the installation: the list, suspension, visits, and that nobody else is one.

#![expect(clippy::disallowed_methods, reason = "one test starts the program and waits for it")]

use futures_util::future::join_all;
use tenantry::operators::{OperatorCommand, run};
use tenantry::platform::web::route::Access;

use tenantry::router;

use crate::support::world::{self, House};
use crate::support::{Answer, Browser, TestApp, email_of};

const LIST: &str = "/operator/organizations";
const REASON: &str = "Ticket 42: the invitations do not arrive";

async fn grant(app: &TestApp, name: &str) {
    run(&app.app, &OperatorCommand::Grant { email: email_of(name) }).await.unwrap();
}

async fn revoke(app: &TestApp, name: &str) -> String {
    run(&app.app, &OperatorCommand::Revoke { email: email_of(name) }).await.unwrap()
}

/// Somebody who runs the installation and has an organization of their own.
async fn operator(app: &TestApp, name: &str) -> Browser {
    let browser = app.founder(name, &format!("{name} Ltd")).await;
    grant(app, name).await;
    browser
}

/// Acme with its owner, and an operator who is a stranger to it.
async fn acme() -> (TestApp, Browser, Browser) {
    let app = TestApp::spawn().await;
    let owner = app.founder("Olga Owner", "Acme").await;
    let operator = operator(&app, "Otto Operator").await;
    (app, owner, operator)
}

async fn organization_id(operator: &Browser, slug: &str) -> String {
    let page = operator.get(&format!("{LIST}?q={slug}")).await.expect(200);
    page.attribute("tbody tr", "id").strip_prefix("organization-").unwrap().to_owned()
}

async fn path(operator: &Browser, slug: &str, act: &str) -> String {
    format!("{LIST}/{}/{act}", organization_id(operator, slug).await)
}

async fn suspend(operator: &Browser, slug: &str, reason: &str) {
    let path = path(operator, slug, "suspend").await;
    operator.post(&path, &[("reason", reason)]).await.expect_redirect(LIST);
}

async fn enter(operator: &Browser, slug: &str, may_write: bool) {
    let mut fields = vec![("reason", REASON), ("minutes", "30")];
    if may_write {
        fields.push(("may_write", "yes"));
    }
    let answer = operator.post(&path(operator, slug, "enter").await, &fields).await;
    answer.expect_redirect(&format!("/orgs/{slug}"));
}

/// The audit log of an organization: action, kind of actor, details.
async fn log(app: &TestApp, slug: &str) -> Vec<String> {
    app.work().await;
    app.database
        .texts(&format!(
            "select l.action || ' ' || l.actor_kind || ' ' || d.content
             from audit_log l
             join audit_details d
                on d.organization_id = l.organization_id and d.sequence = l.sequence
             join organizations o on o.id = l.organization_id
             where o.slug = '{slug}' order by l.sequence"
        ))
        .await
}

/// Every page and every change of Acme, with real ids: it is furnished for it.
async fn calls(app: &TestApp, owner: &Browser) -> Vec<(String, String)> {
    let house = House::furnish(app, owner.clone(), "Acme", "acme").await;
    world::calls(app, &house).into_iter().map(|call| (call.method, call.path)).collect()
}

#[derive(Clone, Copy, Debug)]
enum As {
    Page,
    Htmx,
    Json,
}

async fn call(browser: &Browser, method: &str, path: &str, kind: As) -> Answer {
    let mut request = browser.request(method, path);
    if method == "POST" {
        request = request.header("content-type", "application/x-www-form-urlencoded").body("");
    }
    browser
        .send(match kind {
            As::Page => request,
            As::Htmx => request.header("hx-request", "true").header("hx-request-type", "partial"),
            As::Json => request.header("accept", "application/json"),
        })
        .await
}

#[tokio::test]
async fn operators_are_made_listed_and_unmade_at_the_command_line_alone() {
    let app = TestApp::spawn().await;
    app.founder("Otto Operator", "Ops").await;
    let folder = tempfile::tempdir().unwrap();
    let command = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_tenantry"))
            .args(arguments)
            .current_dir(folder.path())
            .env("TENANTRY_DATABASE_URL", &app.database.url)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap().trim_end().to_owned();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let email = "otto.operator@example.test";
    assert_eq!(command(&["operator", "list"]).1, "There is no operator.");
    let (code, said, _) = command(&["operator", "grant", "OTTO.Operator@example.test"]);
    assert_eq!((code, said), (Some(0), format!("{email} is an operator now.")));
    let (code, said, _) = command(&["operator", "grant", email]);
    assert_eq!((code, said), (Some(0), format!("{email} is an operator already.")));
    let (_, said, _) = command(&["operator", "list"]);
    assert!(said.starts_with(&format!("{email}\tOtto Operator\t")), "{said}");
    for act in ["grant", "revoke"] {
        for unknown in ["nobody@example.test", "no address"] {
            let (code, said, error) = command(&["operator", act, unknown]);
            assert_eq!((code, said.as_str()), (Some(1), ""), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
            assert!(error.contains("nobody has an account with this address"), "{error}");
        }
    }
    let (code, said, _) = command(&["operator", "revoke", email]);
    assert_eq!((code, said), (Some(0), format!("{email} is no operator any more.")));
    let (code, said, _) = command(&["operator", "revoke", email]);
    assert_eq!((code, said), (Some(0), format!("{email} is no operator.")));
    let recorded = "select action || ' ' || actor_kind from audit_log
         where action like 'operator.%' and person_id is not null
            and organization_id not in (select id from organizations) order by sequence";
    let recorded = app.database.texts(recorded).await;
    assert_eq!(recorded, ["operator.granted system", "operator.revoked system"]);
    assert!(
        !folder.path().join("tenantry.key").exists()
            && folder.path().read_dir().unwrap().next().is_none()
    );
}

#[tokio::test]
async fn the_account_menu_leads_operators_to_the_list_and_nobody_else() {
    let (_app, owner, operator) = acme().await;
    let link = |page: &Answer| page.count(".user-menu a[href='/operator/organizations']");
    assert_eq!(link(&operator.get("/orgs").await.expect(200)), 1);
    assert_eq!(link(&owner.get("/orgs/acme").await.expect(200)), 0);
}

#[tokio::test]
async fn all_organizations_are_searched_filtered_and_sorted_in_at_most_four_statements() {
    let (app, owner, operator) = acme().await;
    app.member(&owner, "acme", "Mia Member", "member").await;
    app.founder("Zoe", "Zebra").await;
    suspend(&operator, "zebra", "The bill of March is open.").await;
    let names = |page: &Answer| page.texts("tbody .person-name");
    let page = operator.get(LIST).await.expect(200);
    assert_eq!(names(&page), ["Acme", "Otto Operator Ltd", "Zebra"]);
    assert_eq!(page.text(".pager-text"), "1–3 of 3");
    let row = page.text("tbody tr");
    for part in ["Acme", "acme", "2", "standard", "Active", "just now", "21 Sep 2026"] {
        assert!(row.contains(part), "{part}: {row}");
    }
    assert!(page.texts("tbody tr")[2].contains("Suspended"));
    for (query, expected) in [
        ("q=ZEB", vec!["Zebra"]),
        ("q=otto-operator", vec!["Otto Operator Ltd"]),
        ("status=suspended", vec!["Zebra"]),
        ("status=active", vec!["Acme", "Otto Operator Ltd"]),
        ("status=active&q=zebra", vec![]),
        ("sort=created", vec!["Zebra", "Otto Operator Ltd", "Acme"]),
        ("q=%25", vec![]),
    ] {
        app.work().await;
        let (statements, page) = app.statements(operator.get(&format!("{LIST}?{query}"))).await;
        assert_eq!(names(&page.expect(200)), expected, "{query}");
        assert!(statements <= 4, "{query}: {statements} statements");
    }
    let page = operator.get(&format!("{LIST}?sort=members")).await.expect(200);
    assert_eq!(names(&page)[0], "Acme");
    let part = operator.htmx_get(&format!("{LIST}?q=acme")).await.expect(200);
    assert!(!part.body.contains("<html") && part.body.contains("Acme"), "{}", part.body);
    operator.get(&format!("{LIST}?after=nonsense")).await.expect(400);
}

#[tokio::test]
async fn the_list_is_paged_by_keyset_in_every_order_and_back() {
    let (app, owner, operator) = acme().await;
    for number in 0..119 {
        let name = format!("Org {number:03}");
        owner.post("/orgs", &[("name", &name), ("slug", "")]).await.expect(303);
    }
    app.work().await;
    let mut counts = Vec::new();
    for sort in ["name", "members", "active", "created"] {
        let mut path = format!("{LIST}?sort={sort}");
        let (mut seen, mut texts) = (Vec::new(), Vec::new());
        loop {
            let (statements, page) = app.statements(operator.get(&path)).await;
            counts.push(statements);
            let page = page.expect(200);
            seen.extend(page.attributes("tbody tr", "id"));
            texts.push(page.text(".pager-text"));
            match page.attribute("a[rel=next]", "href") {
                next if next.is_empty() => break,
                next => path = next,
            }
        }
        assert_eq!(texts, ["1–50 of 121", "51–100 of 121", "101–121 of 121"], "{sort}");
        let mut unique = seen.clone();
        unique.sort();
        unique.dedup();
        assert_eq!((seen.len(), unique.len()), (121, 121), "{sort}: every row once");
        let last = operator.get(&path).await;
        let previous = operator.get(&last.attribute("a[rel=prev]", "href")).await.expect(200);
        assert_eq!(previous.attributes("tbody tr", "id"), seen[50..100], "{sort}");
    }
    assert!(counts.iter().all(|count| *count <= 4), "{counts:?}");
}

#[tokio::test]
async fn a_suspended_organization_answers_its_people_with_the_reason_on_every_route() {
    let (app, owner, operator) = acme().await;
    app.invite(&owner, "acme", "guest@example.test", "viewer").await;
    let member = app.member(&owner, "acme", "Mia Member", "member").await;
    let calls = calls(&app, &owner).await;
    let confirm = path(&operator, "acme", "suspend").await;
    let page = operator.get(&confirm).await.expect(200);
    let ends = page.texts(".consequences li");
    assert!(ends[0].starts_with("5 members can open none of its pages"), "{ends:?}");
    assert!(ends[1].starts_with("2 open invitations cannot be accepted"), "{ends:?}");
    let again = operator.post(&confirm, &[("reason", "  ")]).await.expect(422);
    assert!(again.text("#reason-error").contains("Say why"), "{}", again.body);
    let long = "x".repeat(501);
    let again = operator.post(&confirm, &[("reason", &long)]).await.expect(422);
    assert_eq!(again.text("#reason"), long);
    owner.get("/orgs/acme").await.expect(200);

    suspend(&operator, "acme", "The bill of March is open.").await;
    for (method, path) in &calls {
        for browser in [&owner, &member] {
            for kind in [As::Page, As::Htmx, As::Json] {
                let answer = call(browser, method, path, kind).await;
                assert_eq!(answer.status, 403, "{method} {path} {kind:?}");
                assert!(answer.body.contains("The bill of March is open."), "{}", answer.body);
            }
        }
    }
    let page = owner.get("/orgs").await.expect(200);
    assert!(page.text(".list-link").contains("Suspended"), "{}", page.body);
    owner.get("/").await.expect_redirect("/orgs");
    // Once more changes neither the reason nor the log.
    suspend(&operator, "acme", "Another reason altogether.").await;
    let log_of = |log: &[String]| {
        log.iter().filter(|e| e.starts_with("organization.suspended operator")).count()
    };
    let entries = log(&app, "acme").await;
    assert_eq!(log_of(&entries), 1, "{entries:?}");
    let entry = entries.iter().find(|e| e.starts_with("organization.suspended")).unwrap();
    assert!(entry.contains("The bill of March is open.") && entry.contains("Otto Operator"));

    let reactivate = path(&operator, "acme", "reactivate").await;
    for _ in 0..2 {
        operator.post(&reactivate, &[]).await.expect_redirect(LIST);
    }
    owner.get("/orgs/acme").await.expect(200);
    owner.get("/").await.expect_redirect("/orgs/acme");
    let entries = log(&app, "acme").await;
    let back = entries.iter().filter(|e| e.starts_with("organization.reactivated operator"));
    assert_eq!(back.count(), 1, "{entries:?}");
    for path in ["suspend", "enter"] {
        let nowhere = format!("{LIST}/00000000-0000-0000-0000-000000000001/{path}");
        operator.get(&nowhere).await.expect(404);
        operator
            .post(&nowhere, &[("reason", REASON), ("minutes", "15")])
            .await
            .expect(if path == "suspend" { 400 } else { 404 });
    }
}

#[tokio::test]
async fn nobody_joins_a_suspended_organization_and_its_links_say_so() {
    let (app, owner, operator) = acme().await;
    let link = app.invite(&owner, "acme", "guest@example.test", "viewer").await;
    let zoe = app.founder("Zoe", "Zebra").await;
    app.invite(&owner, "acme", "zoe@example.test", "viewer").await;
    let confirm = app.last_mail("zoe@example.test").await;
    assert!(confirm.subject.contains("Acme"), "{}", confirm.subject);
    app.database.execute("update users set email_verified_at = created_at").await.unwrap();
    suspend(&operator, "acme", "The bill of March is open.").await;
    let page = app.browser().get(&link).await.expect(410);
    assert_eq!(page.text("h1"), "Acme is suspended");
    let fields = [("name", "Guest"), ("password", crate::support::PASSWORD)];
    app.browser().post(&format!("{link}/accept"), &fields).await.expect(410);
    let join = zoe.get("/orgs").await.attribute("form[action^='/join/']", "action");
    assert!(zoe.get(&join).await.expect(410).body.contains("Acme is suspended"));
    zoe.post(&join, &[]).await.expect(410);
    let guests = "select count(*) from users where email = 'guest@example.test'";
    assert_eq!(app.database.number(guests).await, 0);
    operator.post(&path(&operator, "acme", "reactivate").await, &[]).await.expect(303);
    zoe.post(&join, &[]).await.expect_redirect("/orgs/acme");
    app.browser().post(&format!("{link}/accept"), &fields).await.expect_redirect("/orgs/acme");
    app.work().await;
}

#[tokio::test]
async fn mail_that_was_queued_before_a_suspension_still_goes() {
    let (app, owner, operator) = acme().await;
    let fields = [("email", "guest@example.test"), ("role", "viewer")];
    owner.post("/orgs/acme/invitations", &fields).await.expect(303);
    suspend(&operator, "acme", "The bill of March is open.").await;
    app.work().await;
    assert_eq!(app.mail.delivered_to("guest@example.test").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_operators_who_suspend_at_once_the_reason_of_one_stands_and_is_recorded_once() {
    let (app, _owner, first) = acme().await;
    let second = operator(&app, "Ona Other").await;
    let act = path(&first, "acme", "suspend").await;
    for _ in 0..5 {
        join_all((0..6).map(|number| {
            let browser = if number % 2 == 0 { &first } else { &second };
            let act = &act;
            async move {
                let reason = format!("Reason number {number}");
                browser.post(act, &[("reason", &reason)]).await.expect_redirect(LIST);
            }
        }))
        .await;
        let stands = "select suspended_reason from organizations where slug = 'acme'";
        let stands = app.database.texts(stands).await.remove(0);
        let entries = log(&app, "acme").await;
        let last = entries.iter().rfind(|e| e.starts_with("organization.suspended")).unwrap();
        assert!(last.contains(&stands), "{stands}: {last}");
        let back = act.replace("suspend", "reactivate");
        let (one, other) = tokio::join!(first.post(&back, &[]), second.post(&back, &[]));
        assert_eq!((one.status.as_u16(), other.status.as_u16()), (303, 303));
    }
    let entries = log(&app, "acme").await;
    for action in ["organization.suspended", "organization.reactivated"] {
        assert_eq!(entries.iter().filter(|e| e.starts_with(action)).count(), 5, "{entries:?}");
    }
}

#[tokio::test]
async fn an_operator_without_a_visit_finds_nothing_of_an_organization() {
    let (app, owner, operator) = acme().await;
    app.invite(&owner, "acme", "guest@example.test", "viewer").await;
    for (method, path) in calls(&app, &owner).await {
        for kind in [As::Page, As::Htmx, As::Json] {
            let answer = call(&operator, &method, &path, kind).await;
            assert_eq!(answer.status, 404, "{method} {path} {kind:?}");
        }
    }
}

#[tokio::test]
async fn entering_needs_a_reason_and_a_time_and_keeps_what_was_typed() {
    let (app, _owner, operator) = acme().await;
    let act = path(&operator, "acme", "enter").await;
    let page = operator.get(&act).await.expect(200);
    assert_eq!(page.texts("#minutes option"), ["15 minutes", "30 minutes", "60 minutes"]);
    assert_eq!(page.count("input[name=may_write][checked]"), 0);
    let long = "x".repeat(501);
    for (reason, minutes, field) in [
        ("", "15", "reason"),
        ("too short", "15", "reason"),
        (long.as_str(), "15", "reason"),
        (REASON, "61", "minutes"),
        (REASON, "600", "minutes"),
        (REASON, "-1", "minutes"),
        (REASON, "", "minutes"),
    ] {
        let fields = [("reason", reason), ("minutes", minutes), ("may_write", "yes")];
        let page = operator.post(&act, &fields).await.expect(422);
        assert!(!page.text(&format!("#{field}-error")).is_empty(), "{reason} {minutes}");
        assert_eq!(page.text("#reason"), reason);
        assert_eq!(page.count("input[name=may_write][checked]"), 1);
    }
    operator.get("/orgs/acme").await.expect(404);
    assert_eq!(app.database.number("select count(*) from operator_visits").await, 0);
}

#[tokio::test]
async fn every_page_of_a_visit_says_who_why_how_far_and_until_when() {
    let (app, owner, operator) = acme().await;
    let calls = calls(&app, &owner).await;
    for may_write in [false, true] {
        enter(&operator, "acme", may_write).await;
        let mut pages = 0;
        for (_, path) in calls.iter().filter(|(method, _)| method == "GET") {
            let page = operator.get(path).await;
            if page.status.as_u16() != 200 {
                assert!(
                    page.status == 403 || page.status.is_redirection() || page.status == 409,
                    "{path}: {}",
                    page.status
                );
                continue;
            }
            let banner = page.text("#visit");
            let how = if may_write { "may change something" } else { "read-only" };
            for part in ["operator", "Otto Operator", how, "in 30 minutes", REASON] {
                assert!(banner.contains(part), "{path}: {part}: {banner}");
            }
            assert!(page.attribute("#visit form", "action").starts_with("/operator/visits/"));
            pages += 1;
        }
        assert!(pages >= 3, "{pages} pages");
        assert_eq!(owner.get("/orgs/acme").await.expect(200).count("#visit"), 0);
    }
    assert_eq!(operator.get("/orgs/otto-operator-ltd").await.expect(200).count("#visit"), 0);
    let entries = log(&app, "acme").await;
    let entered: Vec<_> =
        entries.iter().filter(|e| e.starts_with("operator.entered operator")).collect();
    assert_eq!(entered.len(), 2, "{entries:?}");
    for (entry, may) in entered.iter().zip(["\"may_change\":false", "\"may_change\":true"]) {
        assert!(
            entry.contains(REASON) && entry.contains(may) && entry.contains("ends_at"),
            "{entry}"
        );
    }
}

#[tokio::test]
async fn a_read_only_visit_changes_nothing_and_every_attempt_is_recorded() {
    let (app, owner, operator) = acme().await;
    let calls = calls(&app, &owner).await;
    enter(&operator, "acme", false).await;
    let tables = ["memberships", "invitations", "invitation_links", "roles"];
    let before = app.dump_tables(&tables).await;
    let mut refused = 0;
    for (_, path) in calls.iter().filter(|(method, _)| method == "POST") {
        for kind in [As::Page, As::Htmx, As::Json] {
            let answer = call(&operator, "POST", path, kind).await;
            assert_eq!(answer.status, 403, "{path} {kind:?}: {}", answer.body);
        }
        refused += 1;
    }
    assert!(refused >= 8, "{refused} changes");
    assert_eq!(app.dump_tables(&tables).await, before);
    let entries = log(&app, "acme").await;
    for route in router::routes(&app.app) {
        let is_inside = matches!(route.access, Access::Member(_) | Access::Project(_));
        if is_inside && route.method == "POST" {
            let named = format!("POST {}", route.path);
            let noted = entries
                .iter()
                .any(|e| e.starts_with("access.refused operator") && e.contains(&named));
            assert!(noted, "{named}");
        }
    }
}

#[tokio::test]
async fn a_visit_that_may_change_something_does_and_the_log_says_it_was_an_operator() {
    let (app, owner, operator) = acme().await;
    app.member(&owner, "acme", "Mia Member", "member").await;
    enter(&operator, "acme", true).await;
    let fields = [("name", "Acme Works"), ("slug", "acme")];
    operator.post("/orgs/acme/settings", &fields).await.expect(303);
    let id = app.membership_id(&operator, "acme", "Mia Member").await;
    let role = format!("/orgs/acme/members/{id}/role");
    operator.post(&role, &[("role", "admin")]).await.expect(303);
    // An invitation of somebody who does not belong to the organization could never be accepted.
    let fields = [("email", "x@example.test"), ("role", "viewer")];
    let answer = operator.post("/orgs/acme/invitations", &fields).await.expect(403);
    assert!(answer.body.contains("Operators invite nobody"), "{}", answer.body);
    operator.post("/orgs/acme/leave", &[]).await.expect(403);
    let entries = log(&app, "acme").await;
    for action in ["organization.changed operator", "member.role_changed operator"] {
        let entry = entries.iter().find(|e| e.starts_with(action));
        assert!(entry.is_some_and(|e| e.contains("Otto Operator")), "{action}: {entries:?}");
    }
    // A suspended organization opens to the operator who looks after it.
    suspend(&operator, "acme", "The bill of March is open.").await;
    operator.get("/orgs/acme").await.expect(200);
    owner.get("/orgs/acme").await.expect(403);
}

#[tokio::test]
async fn a_visit_ends_by_its_button_by_its_time_and_with_the_operator() {
    let (app, owner, operator) = acme().await;
    let stranger = self::operator(&app, "Ona Other").await;
    // By the button, once however often it is pressed, and by nobody else.
    enter(&operator, "acme", true).await;
    let end = operator.get("/orgs/acme").await.attribute("#visit form", "action");
    let list = operator.get(LIST).await.expect(200);
    assert_eq!(list.attribute("section.notice a", "href"), "/orgs/acme");
    assert_eq!(list.attribute("section.notice form", "action"), end);
    assert_eq!(stranger.get(LIST).await.expect(200).count("section.notice"), 0);
    stranger.post(&end, &[]).await.expect(404);
    owner.post(&end, &[]).await.expect(404);
    for _ in 0..2 {
        operator.post(&end, &[]).await.expect_redirect(LIST);
        operator.get("/orgs/acme").await.expect(404);
        operator.post("/orgs/acme/settings", &[("name", "X"), ("slug", "acme")]).await.expect(404);
    }
    let entries = log(&app, "acme").await;
    let left = entries.iter().filter(|e| e.starts_with("operator.left operator")).count();
    assert_eq!(left, 1, "{entries:?}");
    // By its time.
    enter(&operator, "acme", true).await;
    app.advance(time::Duration::minutes(29));
    operator.get("/orgs/acme").await.expect(200);
    app.advance(time::Duration::minutes(1));
    operator.get("/orgs/acme").await.expect(404);
    operator.post("/orgs/acme/settings", &[("name", "X"), ("slug", "acme")]).await.expect(404);
    // With the operator, everywhere, and for good.
    app.founder("Zoe", "Zebra").await;
    enter(&operator, "acme", true).await;
    enter(&operator, "zebra", false).await;
    let said = revoke(&app, "Otto Operator").await;
    assert!(said.contains("2 visits have ended"), "{said}");
    for slug in ["acme", "zebra"] {
        operator.get(&format!("/orgs/{slug}")).await.expect(404);
    }
    operator.get(LIST).await.expect(404);
    grant(&app, "Otto Operator").await;
    operator.get("/orgs/acme").await.expect(404);
    let left = log(&app, "zebra").await;
    assert!(left.iter().any(|e| e.starts_with("operator.left system")), "{left:?}");
}

#[tokio::test]
async fn an_operator_who_is_a_member_enters_as_a_member() {
    let (app, owner, _operator) = acme().await;
    let member = app.member(&owner, "acme", "Mia Member", "viewer").await;
    grant(&app, "Mia Member").await;
    enter(&member, "acme", true).await;
    assert_eq!(app.database.number("select count(*) from operator_visits").await, 0);
    let page = member.visit("/orgs/acme").await.expect(200);
    assert_eq!((page.count("#visit"), page.text(".switcher-role")), (0, "Viewer".to_owned()));
    let fields = [("name", "X"), ("slug", "acme")];
    member.post("/orgs/acme/settings", &fields).await.expect(403);
    let entries = log(&app, "acme").await;
    assert!(!entries.iter().any(|e| e.starts_with("operator.")), "{entries:?}");
    assert!(entries.iter().any(|e| e.starts_with("access.refused member")), "{entries:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_form_sent_many_times_at_once_is_one_visit() {
    let (app, _owner, operator) = acme().await;
    let act = path(&operator, "acme", "enter").await;
    let fields = [("reason", REASON), ("minutes", "15")];
    for answer in join_all((0..10).map(|_| operator.post(&act, &fields))).await {
        answer.expect_redirect("/orgs/acme");
    }
    assert_eq!(app.database.number("select count(*) from operator_visits").await, 1);
    // Another one takes its place: the right to write is never left beside a longer look.
    enter(&operator, "acme", true).await;
    let fields = [("reason", "Only a look, for now"), ("minutes", "60")];
    operator.post(&act, &fields).await.expect_redirect("/orgs/acme");
    let going = "select count(*) from operator_visits where ended_at is null";
    assert_eq!(app.database.number(going).await, 1);
    operator.post("/orgs/acme/settings", &[("name", "X"), ("slug", "acme")]).await.expect(403);
}

/// Sends a change whose body comes only after `meanwhile`.
async fn slow_post<F: Future<Output = ()>>(
    app: &TestApp,
    name: &str,
    path: &str,
    body: &str,
    meanwhile: F,
) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let fields = [("email", email_of(name)), ("password", crate::support::PASSWORD.to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let answer = app.browser().post("/login", &fields).await.expect(303);
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let own = crate::support::form_headers(&app.origin, &cookie).await;
    let address = app.origin.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\n{own}connection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{}",
        body.len(),
        &body[..4]
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    meanwhile.await;
    stream.write_all(&body.as_bytes()[4..]).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_change_on_its_way_when_its_right_ends_is_not_made() {
    let (app, owner, operator) = acme().await;
    app.member(&owner, "acme", "Adam Admin", "admin").await;
    let other = self::operator(&app, "Ona Other").await;
    let settings = "/orgs/acme/settings";
    let body = "name=Changed&slug=acme";
    enter(&operator, "acme", true).await;
    let revoked = async { drop(revoke(&app, "Otto Operator").await) };
    let answer = slow_post(&app, "Otto Operator", settings, body, revoked).await;
    assert!(answer.contains(" 404 "), "{answer}");
    grant(&app, "Otto Operator").await;
    enter(&operator, "acme", true).await;
    let end = operator.get("/orgs/acme").await.attribute("#visit form", "action");
    let ended = async { drop(operator.post(&end, &[]).await.expect(303)) };
    let answer = slow_post(&app, "Otto Operator", settings, body, ended).await;
    assert!(answer.contains(" 404 "), "{answer}");
    // An operator who is none any more suspends and enters nothing.
    let act = path(&operator, "acme", "suspend").await;
    let revoked = async { drop(revoke(&app, "Otto Operator").await) };
    let answer = slow_post(&app, "Otto Operator", &act, "reason=Because", revoked).await;
    assert!(answer.contains(" 404 "), "{answer}");
    // A member's change, when everybody is locked out, or only they are.
    let suspended = suspend(&other, "acme", "The bill of March is open.");
    let answer = slow_post(&app, "Olga Owner", settings, body, suspended).await;
    assert!(answer.contains(" 403 ") || answer.contains(" 404 "), "{answer}");
    other.post(&path(&other, "acme", "reactivate").await, &[]).await.expect(303);
    let id = app.membership_id(&owner, "acme", "Adam Admin").await;
    let lock_out = format!("/orgs/acme/members/{id}/suspend");
    let suspended = async { drop(owner.post(&lock_out, &[]).await.expect(303)) };
    let answer = slow_post(&app, "Adam Admin", settings, body, suspended).await;
    assert!(answer.contains(" 403 ") || answer.contains(" 404 "), "{answer}");
    let name = app.database.texts("select name from organizations where slug = 'acme'").await;
    assert_eq!(name, ["Acme"]);
    app.work().await;
}
