//! How often somebody may try to sign in. Names contain the requirement of ASVS 5.0 that they
//! cover.

use futures_util::future::join_all;
use tenantry::platform::throttle::Limits;
use tenantry::workers;
use time::Duration;

use crate::support::{Answer, PASSWORD, TestApp, email_of};

const ADA: &str = "Ada Lovelace";

async fn limited(per_account: i64, per_network: i64) -> TestApp {
    TestApp::spawn_with(|config| {
        config.with_throttle(Limits { per_account, per_network, ..Limits::default() })
    })
    .await
}

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Answer {
    app.browser().post("/login", &[("email", email), ("password", password)]).await
}

fn wait(answer: &Answer) -> i64 {
    answer.header("retry-after").parse().unwrap()
}

#[tokio::test]
async fn asvs_6_3_1_after_ten_wrong_passwords_an_account_waits_and_is_never_locked() {
    let app = limited(10, 100).await;
    app.founder(ADA, "Acme").await;
    let email = email_of(ADA);
    for _ in 0..10 {
        sign_in(&app, &email, "not her password").await.expect(422);
    }
    let refused = sign_in(&app, &email.to_uppercase(), PASSWORD).await.expect(429);
    assert_eq!(wait(&refused), 60);
    // Each further wrong password waits longer, but never longer than fifteen minutes.
    for minutes in [2, 4, 8, 15, 15] {
        let refused = sign_in(&app, &email, PASSWORD).await.expect(429);
        app.advance(Duration::seconds(wait(&refused)));
        sign_in(&app, &email, "not her password").await.expect(422);
        let refused = sign_in(&app, &email, PASSWORD).await.expect(429);
        assert_eq!(wait(&refused), minutes * 60);
    }
    app.advance(Duration::minutes(15));
    sign_in(&app, &email, PASSWORD).await.expect_redirect("/");
    // The account starts from zero again.
    for _ in 0..9 {
        sign_in(&app, &email, "not her password").await.expect(422);
    }
    sign_in(&app, &email, PASSWORD).await.expect_redirect("/");
    app.work().await;
}

#[tokio::test]
async fn asvs_6_3_8_known_and_unknown_accounts_are_throttled_alike() {
    let app = limited(3, 100).await;
    app.founder(ADA, "Acme").await;
    let mut answers = Vec::new();
    for email in [email_of(ADA), email_of("Nobody"), "no address".to_owned()] {
        for _ in 0..3 {
            sign_in(&app, &email, "not the password").await.expect(422);
        }
        let refused = sign_in(&app, &email, "not the password").await.expect(429);
        answers.push((wait(&refused), refused.text("h1"), refused.text("main")));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    for email in [email_of(ADA), email_of("Nobody")] {
        let browser = app.browser();
        for _ in 0..3 {
            browser.post("/password/forgot", &[("email", &email)]).await.expect(303);
        }
        browser.post("/password/forgot", &[("email", &email)]).await.expect(429);
    }
    app.work().await;
}

#[tokio::test]
async fn asvs_6_3_1_a_network_that_tries_many_accounts_waits() {
    let app = limited(10, 5).await;
    app.founder(ADA, "Acme").await;
    // Correct passwords do not count.
    for _ in 0..6 {
        sign_in(&app, &email_of(ADA), PASSWORD).await.expect_redirect("/");
    }
    for number in 0..5 {
        sign_in(&app, &format!("{number}@example.test"), "a guess").await.expect(422);
    }
    let refused = sign_in(&app, &email_of(ADA), PASSWORD).await.expect(429);
    app.advance(Duration::seconds(wait(&refused)));
    sign_in(&app, &email_of(ADA), PASSWORD).await.expect_redirect("/");
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn asvs_6_3_1_no_more_guesses_are_looked_at_when_they_come_at_once() {
    let app = limited(10, 100).await;
    app.founder(ADA, "Acme").await;
    let email = email_of(ADA);
    let guesses = (0..30).map(|_| sign_in(&app, &email, "not her password"));
    let answers = join_all(guesses).await;
    let looked_at = answers.iter().filter(|answer| answer.status == 422).count();
    let refused = answers.iter().filter(|answer| answer.status == 429).count();
    assert_eq!((looked_at, refused), (10, 20));
    app.work().await;
}

/// Tries a password from another network, through a proxy.
async fn from_network(app: &TestApp, network: usize, email: &str, password: &str) -> Answer {
    let browser = app.browser();
    let request =
        browser.request("POST", "/login").form(&[("email", email), ("password", password)]);
    browser.send(request.header("x-forwarded-for", format!("203.0.113.{network}"))).await
}

#[tokio::test]
async fn asvs_6_3_1_after_a_hundred_wrong_in_a_row_an_account_waits_for_its_owner() {
    let limits = Limits { per_account: 1000, per_network: 1000, ..Limits::default() };
    let app = TestApp::spawn_with(|config| config.with_throttle(limits)).await;
    let ada = app.founder(ADA, "Acme").await;
    let addresses = [email_of(ADA), email_of("Nobody")];
    for round in 0..10 {
        for email in &addresses {
            join_all((0..10).map(|_| sign_in(&app, email, "a guess"))).await;
        }
        // It may take long: the window is over each time.
        if round < 9 {
            app.advance(Duration::minutes(31));
        }
    }
    let mut answers = Vec::new();
    for email in &addresses {
        let refused = sign_in(&app, email, PASSWORD).await.expect(429);
        assert!(refused.text("main").contains("100 failed attempts"), "{}", refused.body);
        answers.push((wait(&refused), refused.text("h1"), refused.text("main")));
    }
    assert_eq!(answers[0], answers[1], "an address that nobody has is told the same");
    assert_eq!(answers[0].0, 30 * 24 * 3600);
    // A refused try does not extend the wait.
    app.advance(Duration::days(29));
    assert_eq!(wait(&sign_in(&app, &addresses[0], PASSWORD).await.expect(429)), 24 * 3600);
    // The owner can sign in with a known browser, and after that anywhere.
    let fields = [("email", addresses[0].as_str()), ("password", PASSWORD)];
    ada.post("/login", &fields).await.expect_redirect("/");
    sign_in(&app, &addresses[0], PASSWORD).await.expect_redirect("/");
    // If the owner does not come, it is over after thirty days.
    sign_in(&app, &addresses[1], "a guess").await.expect(429);
    app.advance(Duration::days(1));
    sign_in(&app, &addresses[1], "a guess").await.expect(422);
    app.work().await;
}

#[tokio::test]
async fn asvs_6_3_1_a_new_password_by_mail_is_a_way_in_after_too_many_wrong_in_a_row() {
    let limits = Limits { per_account: 1000, in_a_row: 4, ..Limits::default() };
    let app = TestApp::spawn_with(|config| config.with_throttle(limits)).await;
    let ada = app.founder(ADA, "Acme").await;
    let email = email_of(ADA);
    // A known browser has the same limit, which counts for that browser alone.
    for _ in 0..4 {
        ada.post("/login", &[("email", &email), ("password", "a guess")]).await.expect(422);
    }
    let right = [("email", email.as_str()), ("password", PASSWORD)];
    ada.post("/login", &right).await.expect(429);
    sign_in(&app, &email, PASSWORD).await.expect_redirect("/");
    ada.post("/login", &right).await.expect(429);
    for _ in 0..4 {
        sign_in(&app, &email, "a guess").await.expect(422);
    }
    sign_in(&app, &email, PASSWORD).await.expect(429);
    ada.post("/password/forgot", &[("email", &email)]).await.expect(303);
    let link = app.last_mail(&email).await.link("/password/reset/");
    ada.get(&link).await.expect(303);
    let new = "a wholly different phrase";
    ada.post("/password/reset", &[("password", new)]).await.expect_redirect("/login");
    let right = [("email", email.as_str()), ("password", new)];
    ada.post("/login", &right).await.expect_redirect("/");
    sign_in(&app, &email, new).await.expect_redirect("/");
    app.work().await;
}

#[tokio::test]
async fn asvs_6_3_4_every_way_in_is_counted_by_network() {
    let name = url::Url::parse("http://localhost").unwrap();
    let limits = Limits { per_account: 1000, per_network: 3, ..Limits::default() };
    let app = TestApp::spawn_with(|config| config.with_throttle(limits).with_base_url(name)).await;
    let ada = app.founder(ADA, "Acme").await;
    let mut links = Vec::new();
    for number in 0..4 {
        let email = format!("{number}@example.test");
        links.push(app.invite(&ada, "acme", &email, "viewer").await);
    }
    for (number, link) in links.iter().enumerate() {
        let fields = [("name", "Somebody"), ("password", PASSWORD)];
        let answer = app.browser().post(&format!("{link}/accept"), &fields).await;
        answer.expect(if number < 3 { 303 } else { 429 });
    }
    // One has already signed up.
    for (number, expected) in [(5, 303), (6, 303), (7, 429)] {
        let email = format!("{number}@example.test");
        let fields = [
            ("name", "Somebody"),
            ("email", email.as_str()),
            ("password", PASSWORD),
            ("organization", "Else"),
        ];
        app.browser().post("/signup", &fields).await.expect(expected);
    }
    for expected in [303, 303, 303, 429] {
        let browser = app.browser();
        browser.post("/login/passkey", &[("credential", "{}")]).await.expect(expected);
    }
    for expected in [410, 410, 410, 429] {
        let browser = app.browser();
        browser.post("/password/reset", &[("password", PASSWORD)]).await.expect(expected);
    }
    for (number, expected) in [(5, 303), (6, 303), (7, 303), (8, 429)] {
        let fields = [("email", format!("{number}@example.test"))];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        app.browser().post("/password/forgot", &fields).await.expect(expected);
    }
    app.work().await;
}

#[tokio::test]
async fn asvs_6_3_4_wrong_current_passwords_of_somebody_signed_in_are_bounded() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let new = "a wholly different phrase";
    let wrong = [("current_password", "a guess"), ("password", new)];
    let right = [("current_password", PASSWORD), ("password", new)];
    for _ in 0..5 {
        ada.post("/account/password", &wrong).await.expect(422);
        ada.post("/account/confirm", &[("password", "a guess")]).await.expect(422);
    }
    for answer in [
        ada.post("/account/password", &right).await,
        ada.post("/account/confirm", &[("password", PASSWORD)]).await,
    ] {
        assert_eq!(wait(&answer.expect(429)), 60);
    }
    let mail = app.last_mail(&email_of(ADA)).await;
    assert!(mail.subject.contains("guessing"), "{}", mail.subject);
    // This is reported once a day, and a correct password ends it.
    app.advance(Duration::minutes(1));
    let mails = app.mail.count();
    ada.post("/account/password", &wrong).await.expect(422);
    app.advance(Duration::minutes(2));
    app.work().await;
    assert_eq!(app.mail.count(), mails);
    ada.post("/account/confirm", &[("password", PASSWORD)]).await.expect(303);
    for _ in 0..9 {
        ada.post("/account/password", &wrong).await.expect(422);
    }
    ada.post("/account/password", &right).await.expect_redirect("/account/password");
    app.work().await;
}

#[tokio::test]
async fn asvs_16_3_2_tries_that_come_too_early_are_in_the_audit_log_and_repeated_ones_are_one_entry()
 {
    let app = limited(2, 1000).await;
    app.founder(ADA, "Acme").await;
    for email in [email_of(ADA), email_of("Nobody")] {
        for _ in 0..2 {
            sign_in(&app, &email, "a guess").await.expect(422);
        }
        for _ in 0..3 {
            sign_in(&app, &email, "a secret guess").await.expect(429);
        }
    }
    app.work().await;
    let refused = "select count(*) from audit_log where action = 'sign_in.throttled'";
    assert_eq!(app.database.number(refused).await, 2);
    let details = app.dump_tables(&["audit_details"]).await;
    assert!(details.contains("\"times\":3"), "{details}");
    assert!(!details.contains("a secret guess") && !details.contains("nobody@"), "{details}");
}

#[tokio::test]
async fn counters_that_nobody_looks_at_any_more_are_removed() {
    let app = TestApp::spawn_with(|config| config.behind_proxies(1)).await;
    app.founder(ADA, "Acme").await;
    from_network(&app, 7, &email_of("Nobody"), "a guess").await.expect(422);
    let keys = async || {
        workers::tidy(&app.app).await;
        app.database.texts("select key from throttle order by key").await
    };
    assert!(keys().await.iter().any(|key| key == "sign_in network 203.0.113.7"));
    app.advance(Duration::minutes(31));
    let left = keys().await;
    assert!(left.len() == 1 && left[0].starts_with("sign_in account "), "{left:?}");
    app.advance(Duration::days(30));
    assert_eq!(keys().await, [""; 0]);
    app.work().await;
}
