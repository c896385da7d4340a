//! What the owner of an account is told about sign-ins. Names contain the requirement of ASVS 5.0
//! that they cover.

use tenantry::platform::throttle::Limits;
use time::Duration;

use crate::support::{Answer, Browser, PASSWORD, TestApp, email_of};

const ADA: &str = "Ada Lovelace";

async fn sign_in(browser: &Browser, email: &str, password: &str) -> Answer {
    browser.post("/login", &[("email", email), ("password", password)]).await
}

/// The number of emails with these words in their subject that somebody got.
async fn told(app: &TestApp, email: &str, words: &str) -> usize {
    app.work().await;
    let mails = app.mail.delivered_to(email);
    mails.iter().filter(|mail| mail.subject.contains(words)).count()
}

#[tokio::test]
async fn asvs_6_3_5_a_sign_in_in_a_new_browser_is_told_with_what_to_do() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let email = email_of(ADA);
    app.member(&ada, "acme", "Mia Member", "member").await;
    assert_eq!(told(&app, &email, "New sign-in").await, 0, "nothing is new after signing up");
    assert_eq!(told(&app, &email_of("Mia Member"), "New sign-in").await, 0);
    let browser = app.browser();
    sign_in(&browser, &email, PASSWORD).await.expect_redirect("/");
    let mail = app.last_mail(&email).await;
    assert_eq!(mail.subject, "New sign-in to your account");
    for part in ["Firefox on Linux", "127.0.0.1", " UTC", "/account/sessions", "/password/forgot"] {
        assert!(mail.text.contains(part), "{part}: {}", mail.text);
        assert!(mail.html.contains(part), "{part}: {}", mail.html);
    }
    assert!(!mail.text.contains("failed attempts"), "{}", mail.text);
    // Neither that browser nor the first is new again, even after signing out.
    browser.post("/logout", &[]).await.expect_redirect("/login");
    for browser in [&browser, &ada] {
        sign_in(browser, &email, PASSWORD).await.expect_redirect("/");
    }
    assert_eq!(told(&app, &email, "New sign-in").await, 1);
    // The very first sign-in is not reported either.
    for table in ["sign_ins", "devices"] {
        app.database.execute(&format!("delete from {table}")).await.unwrap();
    }
    sign_in(&app.browser(), &email, PASSWORD).await.expect_redirect("/");
    assert_eq!(told(&app, &email, "New sign-in").await, 1);
    // An unconfirmed address is told, too.
    app.unproved_founder("Una Unproved", "Other").await;
    sign_in(&app.browser(), &email_of("Una Unproved"), PASSWORD).await.expect_redirect("/");
    assert_eq!(told(&app, &email_of("Una Unproved"), "New sign-in").await, 1);
}

#[tokio::test]
async fn asvs_6_3_5_five_failed_tries_are_told_with_the_sign_in_that_follows() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let email = email_of(ADA);
    for (failures, here, elsewhere) in [(4, 2, 2), (5, 3, 2), (7, 0, 7)] {
        for _ in 0..here {
            sign_in(&ada, &email, "a guess").await.expect(422);
        }
        for _ in 0..elsewhere {
            sign_in(&app.browser(), &email, "a guess").await.expect(422);
        }
        let mails = app.mail.count();
        sign_in(&ada, &email, PASSWORD).await.expect_redirect("/");
        app.work().await;
        if failures < 5 {
            assert_eq!(app.mail.count(), mails, "{failures} are not several");
            continue;
        }
        let mail = app.last_mail(&email).await;
        assert!(mail.subject.contains(&format!("after {failures} failed attempts")), "{mail:?}");
        assert!(mail.text.contains(&format!("there were {failures} failed")), "{}", mail.text);
        assert!(!mail.text.contains("in a new browser"), "{}", mail.text);
    }
    // In a new browser, one email reports both.
    for _ in 0..6 {
        sign_in(&app.browser(), &email, "a guess").await.expect(422);
    }
    let mails = app.mail.count();
    sign_in(&app.browser(), &email, PASSWORD).await.expect_redirect("/");
    app.work().await;
    assert_eq!(app.mail.count(), mails + 1);
    let mail = app.last_mail(&email).await;
    assert!(mail.text.contains("in a new browser"), "{}", mail.text);
    assert!(mail.text.contains("there were 6 failed"), "{}", mail.text);
}

#[tokio::test]
async fn asvs_6_3_5_guesses_at_the_limit_are_told_to_the_owner_once_a_day() {
    let limits = Limits { per_account: 3, per_network: 1000, ..Limits::default() };
    let app = TestApp::spawn_with(|config| config.with_throttle(limits)).await;
    let ada = app.founder(ADA, "Acme").await;
    let email = email_of(ADA);
    let guesses = async |browser: &Browser, email: &str| {
        for _ in 0..3 {
            sign_in(browser, email, "a guess").await.expect(422);
        }
        sign_in(browser, email, "a guess").await.expect(429);
    };
    guesses(&app.browser(), &email).await;
    assert_eq!(told(&app, &email, "guessing your password").await, 1);
    let mail = app.last_mail(&email).await;
    assert!(mail.text.contains("/account/security") && mail.text.contains("/password/forgot"));
    // More of them, in a known browser or after half an hour, are not reported.
    guesses(&ada, &email).await;
    app.advance(Duration::minutes(31));
    guesses(&app.browser(), &email).await;
    assert_eq!(told(&app, &email, "guessing your password").await, 1);
    app.advance(Duration::hours(24));
    guesses(&app.browser(), &email).await;
    assert_eq!(told(&app, &email, "guessing your password").await, 2);
    let recorded = "select count(*) from audit_log where action = 'sign_in.guessing_told'";
    assert_eq!(app.database.number(recorded).await, 2);
    // For an unknown address it costs the same, and sends nothing.
    let mails = app.mail.count();
    guesses(&app.browser(), "nobody@example.test").await;
    app.work().await;
    assert_eq!(app.mail.count(), mails);
}

#[tokio::test]
async fn asvs_2_4_1_someone_who_has_the_password_cannot_flood_the_owner_with_mail() {
    let app = TestApp::spawn().await;
    app.founder(ADA, "Acme").await;
    let email = email_of(ADA);
    for _ in 0..13 {
        sign_in(&app.browser(), &email, PASSWORD).await.expect_redirect("/");
    }
    assert_eq!(told(&app, &email, "New sign-in").await, 10);
    app.advance(Duration::hours(24) + Duration::SECOND);
    sign_in(&app.browser(), &email, PASSWORD).await.expect_redirect("/");
    assert_eq!(told(&app, &email, "New sign-in").await, 11);
}
