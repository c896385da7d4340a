//! Visits: entering an organization, what can be done there, and how a visit ends.

use futures_util::future::join_all;
use tenantry::platform::web::route::Access;
use tenantry::router;

use super::{As, LIST, REASON, acme, call, calls, enter, grant, log, path, revoke, suspend};
use crate::support::{PASSWORD, slow_post};

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
            // A picture has no banner, and neither has a part of a page.
            let is_page = page.body.contains("<html");
            if !is_page {
                continue;
            }
            let banner = page.text("#visit");
            let how = if may_write { "with write access" } else { "read-only" };
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
        let is_inside = matches!(route.access, Access::Member(_) | Access::Object { .. });
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
    // An invitation from somebody who is not a member could never be accepted.
    let fields = [("email", "x@example.test"), ("role", "viewer")];
    let answer = operator.post("/orgs/acme/invitations", &fields).await.expect(403);
    assert!(answer.body.contains("because invitations are valid only"), "{}", answer.body);
    operator.post("/orgs/acme/leave", &[]).await.expect(403);
    let entries = log(&app, "acme").await;
    for action in ["organization.changed operator", "member.role_changed operator"] {
        let entry = entries.iter().find(|e| e.starts_with(action));
        assert!(entry.is_some_and(|e| e.contains("Otto Operator")), "{action}: {entries:?}");
    }
    // A suspended organization opens for the operator.
    suspend(&operator, "acme", "The bill of March is open.").await;
    operator.get("/orgs/acme").await.expect(200);
    owner.get("/orgs/acme").await.expect(403);
}

#[tokio::test]
async fn a_visit_ends_by_its_button_by_its_time_and_with_the_operator() {
    let (app, owner, operator) = acme().await;
    let stranger = super::operator(&app, "Ona Other").await;
    // With the button, only once however often it is pressed, and by nobody else.
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
    // By its time limit.
    enter(&operator, "acme", true).await;
    app.advance(time::Duration::minutes(29));
    operator.get("/orgs/acme").await.expect(200);
    app.advance(time::Duration::minutes(1));
    operator.get("/orgs/acme").await.expect(404);
    operator.post("/orgs/acme/settings", &[("name", "X"), ("slug", "acme")]).await.expect(404);
    // With the operator, everywhere, and for good.
    app.founder("Zoe", "Zebra").await;
    operator.post("/account/confirm", &[("password", PASSWORD)]).await.expect(303);
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
    // Another visit replaces it, so that the right to make changes never remains beside a longer
    // visit.
    enter(&operator, "acme", true).await;
    let fields = [("reason", "Only a look, for now"), ("minutes", "60")];
    operator.post(&act, &fields).await.expect_redirect("/orgs/acme");
    let going = "select count(*) from operator_visits where ended_at is null";
    assert_eq!(app.database.number(going).await, 1);
    operator.post("/orgs/acme/settings", &[("name", "X"), ("slug", "acme")]).await.expect(403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_change_on_its_way_when_its_right_ends_is_not_made() {
    let (app, owner, operator) = acme().await;
    app.member(&owner, "acme", "Adam Admin", "admin").await;
    let other = super::operator(&app, "Ona Other").await;
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
    // A former operator can neither suspend nor enter anything.
    let act = path(&operator, "acme", "suspend").await;
    let revoked = async { drop(revoke(&app, "Otto Operator").await) };
    let answer = slow_post(&app, "Otto Operator", &act, "reason=Because", revoked).await;
    assert!(answer.contains(" 404 "), "{answer}");
    // A member's change, while everybody is suspended, or only they are.
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
