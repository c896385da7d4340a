//! Organizations: creating them, their names and slugs, the switcher.

use crate::support::TestApp;

#[tokio::test]
async fn a_second_organization_gets_a_slug_of_its_own() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let bo = app.founder("Bo", "Acme").await;
    assert_eq!(bo.visit("/").await.path, "/orgs/acme-2");
    ada.post("/orgs", &[("name", "Acme"), ("slug", "")]).await.expect_redirect("/orgs/acme-3");
    let page = ada.post("/orgs", &[("name", "Acme"), ("slug", "acme")]).await.expect(422);
    assert_eq!(page.text("#slug-error"), "acme is taken. Try acme-4.");
    assert_eq!(page.attribute("#slug", "value"), "acme");
    for wrong in ["ab", "new", "a b c", "-acme", &"a".repeat(41)] {
        ada.post("/orgs", &[("name", "Acme"), ("slug", wrong)]).await.expect(422);
    }
    ada.post("/orgs", &[("name", "Mine"), ("slug", "my-own")])
        .await
        .expect_redirect("/orgs/my-own");
}

#[tokio::test]
async fn an_old_slug_leads_to_the_new_one_and_is_never_handed_on() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let bo = app.founder("Bo", "Other").await;
    let fields = [("name", "Acme Works"), ("slug", "acme-works")];
    ada.post("/orgs/acme/settings", &fields).await.expect_redirect("/orgs/acme-works/settings");
    let moved = ada.get("/orgs/acme/members?q=a").await.expect(308);
    assert_eq!(moved.location().unwrap(), "/orgs/acme-works/members?q=a");
    bo.get("/orgs/acme").await.expect(404);
    bo.post("/orgs", &[("name", "Acme"), ("slug", "acme")]).await.expect(422);
    let page =
        bo.post("/orgs/other/settings", &[("name", "Other"), ("slug", "acme")]).await.expect(422);
    assert_eq!(page.text("#slug-error"), "acme is taken. Try acme-2.");
    bo.post("/orgs", &[("name", "Acme"), ("slug", "")]).await.expect_redirect("/orgs/acme-2");
    let back = [("name", "Acme"), ("slug", "acme")];
    ada.post("/orgs/acme-works/settings", &back).await.expect_redirect("/orgs/acme/settings");
    ada.get("/orgs/acme-works").await.expect(308);
}

#[tokio::test]
async fn an_absent_and_a_foreign_organization_are_the_same_404() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    app.founder("Bo", "Other").await;
    let foreign = ada.get("/orgs/other/members").await.expect(404);
    let absent = ada.get("/orgs/nothing/members").await.expect(404);
    let nonce = |answer: &crate::support::Answer| answer.attribute("script", "nonce");
    // Nonces and the tokens of forms are new in each answer.
    for part in ["title", "main", ".topbar"] {
        assert_eq!(foreign.text(part), absent.text(part), "{part}");
    }
    assert_eq!(foreign.count("*"), absent.count("*"));
    let names = |answer: &crate::support::Answer| {
        let mut headers = answer.headers.clone();
        for own in ["x-request-id", "date"] {
            headers.remove(own);
        }
        let policy = answer.header("content-security-policy").replace(&nonce(answer), "");
        headers.insert("content-security-policy", policy.parse().unwrap());
        headers
    };
    assert_eq!(names(&foreign), names(&absent));
}

#[tokio::test]
async fn the_switcher_is_links_with_role_and_count_the_current_one_first() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Zebra").await;
    let bo = app.founder("Bo", "Apple").await;
    ada.post("/orgs", &[("name", "Middle"), ("slug", "")]).await.expect(303);
    app.member(&bo, "apple", "Cy", "viewer").await;
    let link = app.invite(&bo, "apple", "ada.lovelace@example.test", "viewer").await;
    ada.post(&format!("{link}/accept"), &[]).await.expect_redirect("/orgs/apple");
    app.work().await;

    let page = ada.get("/orgs/zebra/members").await.expect(200);
    let links = page.attributes("#switcher-list a", "href");
    assert_eq!(links, ["/orgs/zebra/members", "/orgs/apple/members", "/orgs/middle/members"]);
    assert_eq!(
        page.texts("#switcher-list .menu-item-sub"),
        ["Owner · 1 member", "Viewer · 3 members", "Owner · 1 member"]
    );
    assert_eq!(page.text("#switcher-list [aria-current] .menu-item-name"), "Zebra");
    assert_eq!(page.count(".menu-search"), 0);
    let overview = ada.get("/orgs/apple").await;
    assert_eq!(overview.attributes("#switcher-list a", "href")[0], "/orgs/apple");

    // Two tabs in two organizations do not affect each other.
    for _ in 0..3 {
        assert_eq!(ada.get("/orgs/zebra").await.text("h1"), "Zebra");
        assert_eq!(ada.get("/orgs/middle").await.text("h1"), "Middle");
    }
    app.work().await;
    ada.get("/").await.expect_redirect("/orgs/middle");
}

#[tokio::test]
async fn more_than_seven_organizations_can_be_searched() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Org 0").await;
    for number in 1..=8 {
        ada.post("/orgs", &[("name", &format!("Org {number}")), ("slug", "")]).await.expect(303);
    }
    let page = ada.get("/orgs/org-8/members").await.expect(200);
    assert_eq!(page.count("#switcher-list a"), 7);
    assert_eq!(page.text("#switcher-list .menu-item-name"), "Org 8");
    assert_eq!(page.attribute(".menu-search input", "name"), "q");
    let found = ada.htmx_get("/orgs/switcher?section=/members&q=org+3").await.expect(200);
    assert_eq!(found.attributes("a", "href"), ["/orgs/org-3/members"]);
    let found = ada.htmx_get("/orgs/switcher?q=100%25").await.expect(200);
    assert_eq!(found.count("a"), 0, "a percent sign is a percent sign");
    let list = ada.visit("/orgs/switcher?q=org+3").await.expect(200);
    assert_eq!(list.texts(".list-name"), ["Org 3"]);
}

#[tokio::test]
async fn somebody_without_any_organization_gets_a_next_step() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let bo = app.member(&ada, "acme", "Bo", "member").await;
    bo.post("/orgs/acme/leave", &[]).await.expect_redirect("/orgs");
    let page = bo.visit("/").await.expect(200);
    assert_eq!(page.path, "/orgs");
    assert!(page.text(".empty h2").contains("No organizations yet"));
    assert_eq!(page.attribute(".empty a.btn", "href"), "/orgs/new");
}

#[tokio::test]
async fn asvs_8_1_2_settings_are_shown_disabled_with_the_reason_and_refused_by_the_server() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let bo = app.member(&ada, "acme", "Bo", "member").await;
    let page = bo.get("/orgs/acme/settings").await.expect(200);
    assert_eq!(page.count("#name[disabled]"), 1);
    assert!(page.text(".reason").contains("doesn't allow"));
    let answer =
        bo.post("/orgs/acme/settings", &[("name", "X"), ("slug", "xxx")]).await.expect(403);
    assert!(answer.body.contains("Ada Lovelace can help"), "{}", answer.body);
    assert_eq!(ada.get("/orgs/acme").await.text("h1"), "Acme");
}
