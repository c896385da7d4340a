//! The list of organizations, and suspending one.

use futures_util::future::join_all;
use time::Duration;

use super::{As, LIST, REASON, acme, call, calls, log, operator, path, suspend};
use crate::support::{Answer, PASSWORD};

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
    assert!(ends[0].starts_with("5 members can't open it"), "{ends:?}");
    assert!(ends[1].starts_with("2 pending invitations can't be accepted"), "{ends:?}");
    let again = operator.post(&confirm, &[("reason", "  ")]).await.expect(422);
    assert!(again.text("#reason-error").contains("Enter a reason"), "{}", again.body);
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
    // A second suspension changes neither the reason nor the log.
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
    let join = zoe.get("/orgs").await.attribute("form[action^='/invitations/waiting/']", "action");
    assert!(zoe.get(&join).await.expect(410).text("main").contains(
        "You can't join Acme while it's \
                                                                    suspended"
    ));
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
async fn of_operators_who_suspend_at_once_the_reason_of_one_is_kept_and_recorded_once() {
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
async fn asvs_7_5_3_an_operator_shows_who_they_are_before_an_organization_is_entered_or_suspended()
{
    let (app, _owner, operator) = acme().await;
    let suspend_path = path(&operator, "acme", "suspend").await;
    let enter_path = path(&operator, "acme", "enter").await;
    let reactivate_path = path(&operator, "acme", "reactivate").await;
    let terms = [("reason", REASON), ("minutes", "30"), ("may_write", "yes")];
    app.advance(Duration::minutes(11));
    operator.post(&suspend_path, &terms[..1]).await.expect_step_up();
    operator.post(&reactivate_path, &[]).await.expect_step_up();
    operator.post(&enter_path, &terms).await.expect_step_up();
    operator.get("/orgs/acme").await.expect(404);
    operator.post("/account/confirm", &[("password", PASSWORD)]).await.expect(303);
    operator.post(&enter_path, &terms).await.expect_redirect("/orgs/acme");
    operator.post(&suspend_path, &terms[..1]).await.expect_redirect(LIST);
    operator.post(&reactivate_path, &[]).await.expect_redirect(LIST);
    app.work().await;
}
