//! Signing up where an address is confirmed before there is an account
//! (`TENANTRY_SIGN_UP=confirm`). Names contain the requirement of ASVS 5.0 that they cover.

use futures_util::future::join_all;
use tenantry::platform::config::SignUp;
use tenantry::platform::email::EmailAddress;
use time::Duration;

use crate::support::{Answer, PASSWORD, TestApp, email_of};

const ADA: &str = "Ada Lovelace";

async fn confirming() -> TestApp {
    TestApp::spawn_with(|config| config.with_sign_up(SignUp::Confirm)).await
}

async fn sign_up(app: &TestApp, email: &str, organization: &str) -> Answer {
    let fields = [("name", ADA), ("email", email), ("organization", organization)];
    app.browser().post("/signup", &fields).await
}

/// The link in the email after signing up.
async fn link_for(app: &TestApp, email: &str, organization: &str) -> String {
    sign_up(app, email, organization).await.expect_redirect("/login");
    app.last_mail(email).await.link("/signup/")
}

#[tokio::test]
async fn what_is_left_to_do_stays_in_the_page() {
    let app = confirming().await;
    let browser = app.browser();
    let fields = [("name", ADA), ("email", &email_of(ADA)), ("organization", "Acme")];
    let page = browser.submit("/signup", &fields).await.expect(200);
    assert!(page.text(".card .notice").contains("Open the link in it"), "{}", page.body);
    assert_eq!(page.count(".toast"), 0);
    assert_eq!(browser.get("/login").await.count(".notice"), 0, "it is said once");
    app.work().await;
}

#[tokio::test]
async fn the_mailed_link_proves_the_address_and_makes_account_and_organization() {
    let app = confirming().await;
    let browser = app.browser();
    let form = browser.get("/signup").await.expect(200);
    assert_eq!(form.count("input[type=password]"), 0);
    let link = link_for(&app, &email_of(ADA), "Acme").await;
    assert_eq!(app.database.number("select count(*) from users").await, 0);
    browser.get(&link).await.expect(200);
    let refused = browser.post(&link, &[("password", "short")]).await.expect(422);
    assert!(refused.text("#password-error").contains("at least 12"));
    let page = browser.submit(&link, &[("password", PASSWORD)]).await.expect(200);
    assert_eq!((page.path.as_str(), page.text("h1").as_str()), ("/orgs/acme", "Acme"));
    let welcome = app.last_mail(&email_of(ADA)).await;
    assert!(!welcome.text.contains("/verify/"), "proved already: {}", welcome.text);
    // With a confirmed address, people can invite others at once.
    app.invite(&browser, "acme", "bo@example.test", "member").await;
    let other = app.sign_in(ADA).await;
    other.get("/orgs/acme").await.expect(200);
    app.work().await;
}

#[tokio::test]
async fn asvs_6_3_8_a_taken_address_is_answered_like_a_free_one_to_the_end() {
    let app = confirming().await;
    let ada = app.browser();
    let link = link_for(&app, &email_of(ADA), "Acme").await;
    ada.submit(&link, &[("password", PASSWORD)]).await.expect(200);
    app.work().await;
    let mut seen = Vec::new();
    for email in [email_of(ADA), "free@example.test".to_owned()] {
        let browser = app.browser();
        let fields = [("name", ADA), ("email", email.as_str()), ("organization", "Corona")];
        let answer = browser.post("/signup", &fields).await.expect(303);
        let names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        let page = browser.follow(answer).await.expect(200);
        seen.push((names, page.path.clone(), page.lasting().replace(&email, "X")));
    }
    assert_eq!(seen[0], seen[1]);
    let taken = app.last_mail(&email_of(ADA)).await;
    assert!(taken.text.contains("/password/forgot"), "{}", taken.text);
    app.last_mail("free@example.test").await.link("/signup/");
    assert_eq!(app.database.number("select count(*) from organizations").await, 1);
}

#[tokio::test]
async fn asvs_6_4_1_a_link_works_once_and_for_a_day() {
    let app = confirming().await;
    let link = link_for(&app, &email_of(ADA), "Acme").await;
    let guesses = (0..8).map(|_| async {
        app.browser().post(&link, &[("password", PASSWORD)]).await.status.as_u16()
    });
    let answers = join_all(guesses).await;
    assert_eq!(answers.iter().filter(|status| **status == 303).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 410).count(), 7, "{answers:?}");
    assert!(app.browser().get(&link).await.expect(410).text("main").contains("already been used"));
    // Somebody who asks twice has two links, but only one account.
    let (first, second) = (
        link_for(&app, "bo@example.test", "Borealis").await,
        link_for(&app, "bo@example.test", "Borealis").await,
    );
    app.browser().post(&first, &[("password", PASSWORD)]).await.expect(303);
    let late = app.browser().post(&second, &[("password", PASSWORD)]).await.expect(410);
    assert!(late.text("main").contains("already has an account"));
    let link = link_for(&app, "cy@example.test", "Corona").await;
    app.advance(Duration::hours(24));
    assert!(app.browser().get(&link).await.expect(410).text("main").contains("expired"));
    app.browser().post(&link, &[("password", PASSWORD)]).await.expect(410);
    assert_eq!(app.database.number("select count(*) from users").await, 2);
    app.work().await;
}

#[tokio::test]
async fn asvs_14_2_7_what_was_not_finished_is_removed() {
    let app = confirming().await;
    link_for(&app, &email_of(ADA), "Acme").await;
    app.advance(Duration::hours(25));
    tenantry::core::accounts::remove_expired(&app.app).await.unwrap();
    assert_eq!(app.database.number("select count(*) from sign_ups").await, 0);
}

#[tokio::test]
async fn asvs_6_3_8_a_copied_invitation_makes_no_account_and_tells_of_none() {
    let app = confirming().await;
    let ada = app.browser();
    let link = link_for(&app, &email_of(ADA), "Acme").await;
    ada.submit(&link, &[("password", PASSWORD)]).await.expect(200);
    let mut seen = Vec::new();
    for email in ["new@example.test", "bo@example.test"] {
        if email.starts_with("bo") {
            let link = link_for(&app, email, "Borealis").await;
            app.browser().post(&link, &[("password", PASSWORD)]).await.expect(303);
        }
        app.work().await;
        let mailed = app.invite(&ada, "acme", email, "member").await;
        let id = app.row_id(&ada, "acme", email).await;
        let page = ada.get(&format!("/orgs/acme/invitations/{id}/link")).await.expect(200);
        let copied = url::Url::parse(&page.attribute("#link", "value")).unwrap().path().to_owned();
        let page = app.browser().get(&copied).await.expect(200);
        assert!(page.text(".lead").contains("open the link in the invitation email"));
        let masked = email.parse::<EmailAddress>().unwrap().masked();
        seen.push(page.text("main").replace(&masked, "X"));
        let fields = [("name", "Eve"), ("password", PASSWORD)];
        app.browser().post(&format!("{copied}/accept"), &fields).await.expect(200);
        assert_ne!(app.browser().get(&mailed).await.text(".lead"), page.text(".lead"));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(app.database.number("select count(*) from users").await, 2);
    app.work().await;
}

#[tokio::test]
async fn asvs_2_4_1_an_address_gets_five_mails_about_signing_up_a_day() {
    let app = confirming().await;
    for _ in 0..8 {
        sign_up(&app, "victim@example.test", "Spam").await.expect_redirect("/login");
    }
    app.work().await;
    assert_eq!(app.mail.delivered_to("victim@example.test").len(), 5);
}
