//! How often somebody may try to get in. Names carry the row of ASVS 5.0 that they show.

use futures_util::future::join_all;
use tenantry::platform::throttle::Limits;
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
    // Each further wrong one waits longer, and never longer than fifteen minutes.
    for minutes in [2, 4, 8, 15, 15] {
        let refused = sign_in(&app, &email, PASSWORD).await.expect(429);
        app.advance(Duration::seconds(wait(&refused)));
        sign_in(&app, &email, "not her password").await.expect(422);
        let refused = sign_in(&app, &email, PASSWORD).await.expect(429);
        assert_eq!(wait(&refused), minutes * 60);
    }
    app.advance(Duration::minutes(15));
    sign_in(&app, &email, PASSWORD).await.expect_redirect("/");
    // The account starts anew.
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
    // What is right does not count.
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
