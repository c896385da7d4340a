//! Accounts created with somebody else's address: what the address's owner can do about it, and
//! what people without a confirmed address do not get.

use crate::support::{Browser, PASSWORD, TestApp, email_of};

const ADA: &str = "Ada Lovelace";
const NEW: &str = "a wholly different phrase";
const SURE: [(&str, &str); 1] = [("sure", "1")];

/// Eve has signed up with Ada's address; returns her browser and the link in Ada's email.
async fn squatted(app: &TestApp) -> (Browser, String) {
    let eve = app.unproved_founder(ADA, "Squat").await;
    let link = app.last_mail(&email_of(ADA)).await.link("/verify/");
    (eve, link)
}

async fn signs_in(app: &TestApp, password: &str) -> bool {
    let fields = [("email", &*email_of(ADA)), ("password", password)];
    let answer = app.browser().post("/login", &fields).await;
    app.work().await;
    answer.status.as_u16() == 303
}

#[tokio::test]
async fn the_owner_of_an_address_does_not_confirm_what_a_stranger_made_with_it() {
    let app = TestApp::spawn().await;
    let host = app.founder("Grace Hopper", "Globex").await;
    app.invite(&host, "globex", &email_of(ADA), "admin").await;
    let mails = {
        let (eve, link) = squatted(&app).await;
        let ada = app.browser();
        let page = ada.get(&link).await.expect(200);
        let text = page.text("main");
        assert!(text.contains("in a different browser") && text.contains("Squat"), "{text}");
        // The button of the earlier page does not confirm anything.
        let again = ada.post(&link, &[]).await.expect(303).location().unwrap();
        assert!(again.starts_with("/verify/link/"), "{again}");
        let proved = "select count(*) from users where email_verified_at is not null";
        assert_eq!(app.database.number(proved).await, 1, "Grace's alone");
        eve.get("/orgs/globex").await.expect(404);
        assert!(!eve.get("/orgs").await.body.contains("Globex"));

        let weak = ada
            .post(&format!("{link}/claim"), &[("name", "Ada L."), ("password", "short")])
            .await
            .expect(422);
        assert_ne!(weak.text("#password-error"), "");
        let claimed =
            ada.post(&format!("{link}/claim"), &[("name", "Ada L."), ("password", NEW)]).await;
        claimed.expect_redirect("/login");
        eve.get("/account").await.expect(303);
        link
    };
    assert!(!signs_in(&app, PASSWORD).await && signs_in(&app, NEW).await);
    let name = "select name from users where email = 'ada.lovelace@example.test'";
    assert_eq!(app.database.texts(name).await, ["Ada L."]);
    app.browser()
        .post(&format!("{mails}/claim"), &[("name", "Eve"), ("password", PASSWORD)])
        .await
        .expect(410);
    app.browser().get(&mails).await.expect(410);
    assert!(app.dump().await.contains("account.address_confirmed"));
    app.work().await;
}

#[tokio::test]
async fn an_account_that_a_stranger_made_can_be_discarded_with_all_that_is_in_it() {
    let app = TestApp::spawn().await;
    let host = app.founder("Grace Hopper", "Globex").await;
    app.invite(&host, "globex", &email_of(ADA), "admin").await;
    let (eve, link) = squatted(&app).await;
    for method in ["GET", "HEAD"] {
        let browser = app.browser();
        browser.send(browser.request(method, &link)).await.expect(303);
    }
    let discard = format!("{link}/discard");
    // Not with a single careless click.
    let page = app.browser().post(&discard, &[]).await.expect(422);
    assert_ne!(page.text("#sure-error"), "");
    eve.get("/account").await.expect(200);
    app.browser().post(&discard, &SURE).await.expect_redirect("/login");
    eve.get("/account").await.expect(303);
    assert!(!signs_in(&app, PASSWORD).await);
    assert_eq!(
        app.database.number("select count(*) from organizations where deleted_at is null").await,
        1
    );
    app.work().await;
    // After discarding it, there is no account to send a farewell email about.
    let mails = app.mail.delivered_to(&email_of(ADA));
    assert!(mails.iter().all(|mail| !mail.subject.contains("deleted")), "{mails:?}");
    let gone = app.browser().post(&discard, &SURE).await;
    assert!([404, 410].contains(&gone.status.as_u16()), "{}", gone.status);
    // Ada's invitation is unchanged, and her address is free.
    let pending = "select count(*) from invitations where status = 'pending'";
    assert_eq!(app.database.number(pending).await, 1);
    app.founder(ADA, "Acme").await;
}

#[tokio::test]
async fn someone_who_signed_up_confirms_in_the_same_browser_or_after_signing_in() {
    let app = TestApp::spawn().await;
    let (ada, link) = squatted(&app).await;
    let page = ada.get(&link).await.expect(200);
    assert!(page.attribute("main form", "action").starts_with("/verify/link/"), "{}", page.body);
    let phone = app.browser();
    let page = phone.get(&link).await.expect(200);
    let login = page.attributes("main a", "href");
    assert!(login.iter().any(|to| to.starts_with("/login?") && to.contains("verify")), "{login:?}");
    let fields = [("email", &*email_of(ADA)), ("password", PASSWORD), ("next", page.path.as_str())];
    phone.post("/login", &fields).await.expect_redirect(&page.path);
    phone.post(&link, &[]).await.expect_redirect("/");
    ada.get("/account").await.expect(200);
    app.work().await;
}

#[tokio::test]
async fn a_proved_account_is_neither_claimed_nor_discarded_by_an_older_link() {
    let app = TestApp::spawn().await;
    let (ada, link) = squatted(&app).await;
    app.set_password_by_mail(&email_of(ADA), NEW).await;
    ada.get("/account").await.expect(303);
    let thief = app.browser();
    thief.get(&link).await.expect(410);
    thief
        .post(&format!("{link}/claim"), &[("name", "Eve"), ("password", PASSWORD)])
        .await
        .expect(410);
    thief.post(&format!("{link}/discard"), &SURE).await.expect(410);
    assert!(signs_in(&app, NEW).await);
}

/// The path of the link that can be copied.
async fn copied(app: &TestApp, host: &Browser, email: &str, role: &str) -> String {
    app.invite(host, "globex", email, role).await;
    let id = app.row_id(host, "globex", email).await;
    let page = host.get(&format!("/orgs/globex/invitations/{id}/link")).await.expect(200);
    let link = page.attribute("input[readonly]", "value");
    let (_, path) = link.split_once("/invitations/").expect("a link");
    format!("/invitations/{path}")
}

#[tokio::test]
async fn roles_above_member_need_a_proved_address_however_somebody_comes_to_them() {
    let app = TestApp::spawn().await;
    let host = app.founder("Grace Hopper", "Globex").await;
    let as_admin = copied(&app, &host, &email_of(ADA), "admin").await;
    // Nobody can create an account with it.
    let stranger = app.browser();
    let page = stranger.get(&as_admin).await.expect(200);
    assert_eq!(page.count("input[type=password]"), 0, "{}", page.body);
    let fields = [("name", "Eve"), ("password", PASSWORD)];
    stranger.post(&format!("{as_admin}/accept"), &fields).await;
    assert_eq!(app.database.number("select count(*) from users").await, 1);
    // An existing account cannot accept it either.
    let (eve, _) = squatted(&app).await;
    let page = eve.get(&as_admin).await.expect(200);
    assert!(page.text("h1").contains("Confirm your email address first"), "{}", page.body);
    eve.post(&format!("{as_admin}/accept"), &[]).await;
    eve.get("/orgs/globex").await.expect(404);
    // As members they are let in, are marked, and cannot be promoted.
    let as_member = copied(&app, &host, "bo@example.test", "member").await;
    let bo = app.browser();
    let fields = [("name", "Bo Both"), ("password", PASSWORD)];
    bo.post(&format!("{as_member}/accept"), &fields).await.expect_redirect("/orgs/globex");
    app.work().await;
    let page = host.get("/orgs/globex/members?q=bo").await.expect(200);
    assert!(page.text("tbody tr").contains("Email not confirmed"), "{}", page.body);
    let id = app.row_id(&host, "globex", "bo@example.test").await;
    let role = format!("/orgs/globex/members/{id}/role");
    for above in ["admin", "owner"] {
        let refused = host.post(&role, &[("role", above)]).await.expect(409);
        assert!(refused.text("main").contains("hasn't confirmed"), "{}", refused.body);
    }
    host.post("/orgs/globex/owners", &[("member", &id)]).await.expect(409);
    host.post(&role, &[("role", "viewer")]).await.expect(303);
    bo.post("/account/verify", &[]).await.expect(303);
    let link = app.last_mail("bo@example.test").await.link("/verify/");
    bo.post(&link, &[]).await.expect_redirect("/");
    host.post(&role, &[("role", "admin")]).await.expect(303);
    let page = host.get("/orgs/globex/members?q=bo").await.expect(200);
    assert!(!page.body.contains("Email not confirmed"));
}
