//! Links in emails: their tokens leave the address bar at once, two tabs do not interfere with each
//! other, and links damaged on the way are repaired. Names contain the requirement of ASVS 5.0 that
//! they cover.

use tenantry::platform::config::SignUp;

use crate::support::{Answer, Browser, PASSWORD, TestApp, email_of};

const ADA: &str = "Ada Lovelace";

/// Returns the answer to the link itself, without following its redirect.
async fn open(browser: &Browser, link: &str) -> Answer {
    browser.send(browser.request("GET", link)).await.expect(303)
}

/// Opens `link` and returns its page, after checking that the token is no longer anywhere.
async fn page_of(browser: &Browser, link: &str) -> Answer {
    let token = link.rsplit('/').next().unwrap().to_owned();
    let opened = open(browser, link).await;
    let location = opened.location().unwrap();
    assert!(!location.contains(&token) && location.contains("/link/"), "{location}");
    let cookies = opened.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap());
    let cookie = cookies.into_iter().find(|cookie| cookie.contains("-link-")).unwrap();
    assert!(cookie.contains("HttpOnly") && !cookie.contains(&token), "{cookie}");
    let page = browser.get(&location).await.expect(200);
    assert!(!page.body.contains(&token), "{location}");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    page
}

#[tokio::test]
async fn asvs_14_2_1_the_tokens_of_mailed_links_leave_the_address_at_once() {
    let app = TestApp::spawn().await;
    let ada = app.unproved_founder(ADA, "Acme").await;
    let verify = app.last_mail(&email_of(ADA)).await.link("/verify/");
    let page = page_of(&app.browser(), &verify).await;
    assert!(page.attribute(".auth-card form", "action").starts_with("/verify/link/"));
    ada.post(&verify, &[]).await.expect(303);

    ada.post("/account/email", &[("email", "ada@new.test")]).await.expect(303);
    let confirm = app.last_mail("ada@new.test").await.link("/email/");
    page_of(&app.browser(), &confirm).await;
    ada.post(&confirm, &[]).await.expect(303);
    let undo = app.last_mail(&email_of(ADA)).await.link("/not-me/");
    page_of(&app.browser(), &undo).await;

    let invitation = app.invite(&ada, "acme", "bo@example.test", "viewer").await;
    let browser = app.browser();
    let page = page_of(&browser, &invitation).await;
    for action in page.attributes(".auth-card form", "action") {
        assert!(action.starts_with("/invitations/link/"), "{action}");
    }

    let closed = TestApp::spawn_with(|config| config.with_sign_up(SignUp::Confirm)).await;
    let fields = [("name", "Cy"), ("email", "cy@example.test"), ("organization", "Cyan")];
    closed.browser().post("/signup", &fields).await.expect(303);
    let finish = closed.last_mail("cy@example.test").await.link("/signup/");
    let browser = closed.browser();
    let page = page_of(&browser, &finish).await;
    let action = page.attribute(".auth-card form", "action");
    browser.post(&action, &[("password", PASSWORD)]).await.expect_redirect("/orgs/cyan");
    closed.work().await;
}

#[tokio::test]
async fn two_links_in_two_tabs_of_one_browser_do_not_get_into_each_others_way() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let bo = app.founder("Bo Both", "Bolts").await;
    let first = app.invite(&ada, "acme", "cy@example.test", "viewer").await;
    let second = app.invite(&bo, "bolts", "cy@example.test", "viewer").await;
    let browser = app.browser();
    let acme = open(&browser, &first).await.location().unwrap();
    let bolts = open(&browser, &second).await.location().unwrap();
    assert_eq!(browser.get(&acme).await.expect(200).text("h1"), "Join Acme");
    assert_eq!(browser.get(&bolts).await.expect(200).text("h1"), "Join Bolts");
    let fields = [("name", "Cy"), ("password", PASSWORD)];
    browser.post(&format!("{acme}/accept"), &fields).await.expect_redirect("/orgs/acme");
    browser.post(&format!("{bolts}/accept"), &[]).await.expect_redirect("/orgs/bolts");
    app.work().await;
}

#[tokio::test]
async fn a_browser_holds_a_few_links_and_lets_the_first_go() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let browser = app.browser();
    let mut pages = Vec::new();
    for number in 0..10 {
        let link = app.invite(&ada, "acme", &format!("p{number}@example.test"), "viewer").await;
        pages.push(open(&browser, &link).await.location().unwrap());
        app.advance(time::Duration::seconds(1));
    }
    browser.get(&pages[0]).await.expect(410);
    browser.get(&pages[9]).await.expect(200);
    browser.get(&pages[2]).await.expect(200);
}

#[tokio::test]
async fn a_link_says_so_when_the_browser_keeps_no_cookies() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let link = app.invite(&ada, "acme", "bo@example.test", "viewer").await;
    let location = open(&app.browser(), &link).await.location().unwrap();
    let page = app.browser().get(&location).await.expect(410);
    let words = page.text(".error-page");
    assert!(words.contains("Allow cookies") && words.contains("open the link again"));
    app.browser().post(&format!("{location}/decline"), &[]).await.expect(410);
    // One kind of link does not open the pages of another.
    let browser = app.browser();
    let handle = open(&browser, &link).await.location().unwrap();
    let handle = handle.rsplit('/').next().unwrap();
    browser.get(&format!("/verify/link/{handle}")).await.expect(410);
}

#[tokio::test]
async fn a_link_that_took_along_what_stood_behind_it_works() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let link = app.invite(&ada, "acme", "bo@example.test", "viewer").await;
    for behind in [".", ")", ">", "%3E", "),", "\".", "%E2%80%9D"] {
        let bent = format!("{link}{behind}");
        let straight = app.browser().send(app.browser().request("GET", &bent)).await.expect(308);
        assert_eq!(straight.location().as_deref(), Some(link.as_str()), "{bent}");
    }
    let members = ada.send(ada.request("GET", "/orgs/acme/members).?q=a")).await.expect(308);
    assert_eq!(members.location().as_deref(), Some("/orgs/acme/members?q=a"));
    app.browser().get("/nowhere").await.expect(404);
}

#[tokio::test]
async fn after_signing_in_people_get_to_the_start_page_if_next_is_no_page() {
    let app = TestApp::spawn().await;
    app.founder(ADA, "Acme").await;
    let email = email_of(ADA);
    for (next, lands) in [
        ("/logout", "/"),
        ("/orgs/acme/invitations", "/orgs/acme/invitations"),
        ("/orgs/acme/owners", "/"),
        ("/account/sessions/end-others?x=1", "/"),
        ("/orgs/acme/members?q=a", "/orgs/acme/members?q=a"),
        ("/nowhere/at/all", "/"),
    ] {
        let fields = [("email", email.as_str()), ("password", PASSWORD), ("next", next)];
        app.browser().post("/login", &fields).await.expect_redirect(lands);
    }
    app.work().await;
}

#[tokio::test]
async fn the_invited_address_is_masked_for_everyone_it_does_not_belong_to() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let mallory = app.founder("Mallory Mask", "Masks").await;
    let email = "bo.both@mail.example.test";
    let mailed = app.invite(&ada, "acme", email, "viewer").await;
    let page = app.browser().get(&mailed).await.expect(200);
    assert!(page.body.contains(email), "whoever has the mail reads it whole");
    let page = mallory.get(&mailed).await.expect(200);
    assert!(
        !page.body.contains("bo.both") && page.text(".lead").contains("b•••@m•••.example.test")
    );
    let id = app.row_id(&ada, "acme", email).await;
    let copied = ada.get(&format!("/orgs/acme/invitations/{id}/link")).await.expect(200);
    let copied = url::Url::parse(&copied.attribute("#link", "value")).unwrap();
    let page = app.browser().get(copied.path()).await.expect(200);
    assert!(
        !page.body.contains("bo.both") && page.text(".lead").contains("b•••@m•••.example.test")
    );
    let refused = mallory.post(&format!("{mailed}/accept"), &[]).await.expect(403);
    assert!(!refused.body.contains("bo.both"), "{}", refused.body);
    let browser = app.browser();
    let fields = [("name", "Bo Both"), ("password", PASSWORD)];
    browser.post(&format!("{mailed}/accept"), &fields).await.expect_redirect("/orgs/acme");
    let over = app.browser().get(&mailed).await.expect(410);
    assert!(!over.body.contains("bo.both"), "{}", over.body);
    app.work().await;
}

#[tokio::test]
async fn the_right_account_is_used_after_signing_out_of_the_wrong_one() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let mallory = app.founder("Mallory Mask", "Masks").await;
    let link = app.invite(&ada, "acme", "bo@example.test", "viewer").await;
    let page = mallory.get(&link).await.expect(200);
    let next = page.attribute("form[action='/logout'] input[name=next]", "value");
    mallory.post("/logout", &[("next", &next)]).await.expect_redirect(&next);
    let page = mallory.get(&next).await.expect(200);
    assert_eq!(page.text("h1"), "Join Acme", "the link is still open");
}
