//! Passkeys, with a virtual authenticator: what it must not get away with.

use futures_util::future::join_all;
use time::Duration;
use url::Url;

use crate::support::{Answer, Authenticator, Browser, PASSWORD, TestApp, email_of};

const ADA: &str = "Ada Lovelace";
const ORIGIN: &str = "http://localhost";

/// An application with a host name, and a person with a passkey.
async fn with_passkey() -> (TestApp, Browser, Authenticator) {
    let name = Url::parse(ORIGIN).unwrap();
    let app = TestApp::spawn_with(|config| config.with_base_url(name)).await;
    let ada = app.founder(ADA, "Acme").await;
    let mut device = Authenticator::new(ORIGIN);
    let page = ada.get("/account/security/passkeys/new").await.expect(200);
    let credential = device.make(&page);
    let fields = [("name", "Laptop"), ("credential", &credential)];
    let made = ada.post("/account/security/passkeys", &fields).await;
    made.expect_redirect("/account/security");
    // The challenge is used up.
    let again = ada.post("/account/security/passkeys", &fields).await;
    again.expect_redirect("/account/security/passkeys/new");
    assert_eq!(app.database.number("select count(*) from passkeys").await, 1);
    app.work().await;
    (app, ada, device)
}

async fn show(browser: &Browser, path: &str, credential: &str) -> Answer {
    browser.post(path, &[("credential", credential)]).await
}

#[tokio::test]
async fn asvs_6_7_2_a_challenge_is_answered_once_and_by_the_browser_that_was_asked() {
    let (app, _, mut device) = with_passkey().await;
    let (browser, other) = (app.browser(), app.browser());
    let page = browser.get("/login/passkey").await.expect(200);
    device.counter = 2;
    let answer = device.show(&page);
    show(&other, "/login/passkey", &answer).await.expect_redirect("/login");
    let replayed = app.browser();
    let cookie = page.header("set-cookie").split(';').next().unwrap().to_owned();
    show(&browser, "/login/passkey", &answer).await.expect_redirect("/");
    browser.get("/orgs/acme").await.expect(200);
    let again = replayed.post_with(&cookie, "/login/passkey", &[("credential", &answer)]).await;
    again.expect_redirect("/login");
    // And for five minutes.
    let page = other.get("/login/passkey").await.expect(200);
    device.counter = 3;
    app.advance(Duration::minutes(5));
    show(&other, "/login/passkey", &device.show(&page)).await.expect_redirect("/login");
    app.work().await;
}

#[tokio::test]
async fn asvs_6_7_2_another_origin_a_locked_device_and_a_counter_that_falls_are_refused() {
    let (app, _, device) = with_passkey().await;
    let elsewhere = Authenticator {
        origin: "http://localhost.evil.test".to_owned(),
        counter: 5,
        ..device.clone()
    };
    let other_port =
        Authenticator { origin: format!("{ORIGIN}:8080"), counter: 5, ..device.clone() };
    let locked = Authenticator { is_unlocked: false, counter: 5, ..device.clone() };
    for device in [elsewhere, other_port, locked] {
        let browser = app.browser();
        let page = browser.get("/login/passkey").await.expect(200);
        show(&browser, "/login/passkey", &device.show(&page)).await.expect_redirect("/login");
    }
    let browser = app.browser();
    for (counter, to) in [(5, "/"), (5, "/login"), (4, "/login"), (6, "/")] {
        let device = Authenticator { counter, ..device.clone() };
        let page = browser.get("/login/passkey").await.expect(200);
        show(&browser, "/login/passkey", &device.show(&page)).await.expect_redirect(to);
    }
    app.work().await;
    let mails = app.mail.delivered_to(&email_of(ADA));
    assert_eq!(mails.iter().filter(|mail| mail.text.contains("may have been copied")).count(), 2);
    let fell = "select count(*) from audit_log where action = 'account.passkey_counter_fell'";
    assert_eq!(app.database.number(fell).await, 2);
}

#[tokio::test]
async fn a_passkey_is_the_second_factor_of_its_own_account_only_and_confirms_who_one_is() {
    let (app, ada, mut device) = with_passkey().await;
    let bo = app.founder("Bo Both", "Other").await;
    let fields = [("email", email_of(ADA)), ("password", PASSWORD.to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let browser = app.browser();
    browser.post("/login", &fields).await.expect_redirect("/login/factor");
    // The challenge of another page is not valid for this one.
    let page = browser.get("/login/passkey").await.expect(200);
    device.counter = 2;
    show(&browser, "/login/factor", &device.show(&page)).await.expect(422);
    let page = browser.get("/login/factor").await.expect(200);
    show(&browser, "/login/factor", &device.show(&page)).await.expect_redirect("/");

    app.advance(Duration::minutes(11));
    let page = ada.get("/account/confirm").await.expect(200);
    device.counter = 3;
    let answer = device.show(&page);
    // Hers does not authenticate him.
    assert_eq!(bo.get("/account/confirm").await.expect(200).count("form[data-passkey]"), 0);
    show(&bo, "/account/confirm", &answer).await.expect(422);
    show(&ada, "/account/confirm", &answer).await.expect_redirect("/account/security");
    ada.get("/account/password").await.expect(200);
    app.work().await;
}

#[tokio::test]
async fn asvs_6_3_1_a_passkey_is_a_way_in_after_too_many_wrong_passwords_in_a_row() {
    let (app, _, mut device) = with_passkey().await;
    let email = email_of(ADA);
    let fields = [("email", email.as_str()), ("password", PASSWORD)];
    let wrong = [("email", email.as_str()), ("password", "a guess")];
    for _ in 0..10 {
        let guesses = (0..10).map(|_| async { app.browser().post("/login", &wrong).await });
        join_all(guesses).await;
    }
    app.browser().post("/login", &fields).await.expect(429);
    let browser = app.browser();
    let page = browser.get("/login/passkey").await.expect(200);
    device.counter = 2;
    show(&browser, "/login/passkey", &device.show(&page)).await.expect_redirect("/");
    app.browser().post("/login", &fields).await.expect_redirect("/login/factor");
    app.work().await;
}
