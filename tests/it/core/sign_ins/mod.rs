//! Sign-ins: how long they last, how many there can be, and their list. Names contain the
//! requirement of ASVS 5.0 that they cover.

mod ends;

use futures_util::future::join_all;
use time::Duration;

use tenantry::platform::places::Places;

use crate::support::{Browser, PASSWORD, TestApp, email_of, places_file};

const ADA: &str = "Ada Lovelace";
const SECOND: Duration = Duration::seconds(1);

/// Another browser of Ada's, in which she stays signed in.
async fn keep(app: &TestApp) -> Browser {
    let browser = app.browser();
    let email = email_of(ADA);
    let fields = [("email", email.as_str()), ("password", PASSWORD), ("remember", "1")];
    let answer = browser.post("/login", &fields).await.expect(303);
    assert!(answer.header("set-cookie").contains("Max-Age=2592000"), "{:?}", answer.headers);
    browser
}

#[tokio::test]
async fn asvs_7_3_1_a_sign_in_ends_after_8_hours_without_a_request_and_a_kept_one_after_14_days() {
    let app = TestApp::spawn().await;
    app.founder(ADA, "Acme").await;
    for (limit, is_kept) in [(Duration::hours(8), false), (Duration::days(14), true)] {
        let mut browsers = Vec::new();
        for _ in 0..2 {
            browsers.push(if is_kept { keep(&app).await } else { app.sign_in(ADA).await });
        }
        app.advance(limit - SECOND);
        browsers[0].get("/orgs/acme").await.expect(200);
        app.work().await;
        app.advance(SECOND);
        browsers[1].get("/orgs/acme").await.expect(303);
        // A sign-in that was used a second before lasts as long again.
        browsers[0].get("/orgs/acme").await.expect(200);
        app.work().await;
    }
}

#[tokio::test]
async fn asvs_7_3_2_however_much_it_is_used_a_sign_in_ends_after_24_hours_and_a_kept_one_after_30_days()
 {
    let app = TestApp::spawn().await;
    app.founder(ADA, "Acme").await;
    for (steps, step, is_kept) in [(4, Duration::hours(6), false), (5, Duration::days(6), true)] {
        let browser = if is_kept { keep(&app).await } else { app.sign_in(ADA).await };
        for _ in 1..steps {
            app.advance(step);
            browser.get("/orgs/acme").await.expect(200);
            app.work().await;
        }
        app.advance(step - SECOND);
        browser.get("/orgs/acme").await.expect(200);
        app.work().await;
        app.advance(SECOND);
        browser.get("/orgs/acme").await.expect(303);
    }
}

#[tokio::test]
async fn asvs_7_1_2_with_a_21st_sign_in_the_one_that_was_unused_for_longest_ends() {
    let app = TestApp::spawn().await;
    let mut browsers = vec![app.founder(ADA, "Acme").await];
    for _ in 0..19 {
        app.advance(Duration::minutes(2));
        browsers.push(app.sign_in(ADA).await);
    }
    app.advance(Duration::minutes(2));
    browsers[0].get("/account").await.expect(200);
    app.work().await;
    let bo = app.founder("Bo Both", "Other").await;
    app.advance(Duration::minutes(2));
    app.sign_in(ADA).await.get("/account").await.expect(200);
    browsers[1].get("/account").await.expect(303);
    for (number, browser) in browsers.iter().enumerate().filter(|(number, _)| *number != 1) {
        assert_eq!(browser.get("/account").await.status, 200, "number {number}");
    }
    bo.get("/account").await.expect(200);
    app.work().await;
    let page = browsers[0].get("/account/sessions").await.expect(200);
    assert_eq!(page.count(".card-row"), 20);
    assert!(page.text("#limits").contains("Up to 20 sessions at a time"));
    let recorded = "select count(*) from audit_log where action = 'sign_in.ended'";
    assert_eq!(app.database.number(recorded).await, 1);
    // An expired one does not count towards the limit.
    app.advance(Duration::hours(7));
    browsers[0].get("/account").await.expect(200);
    app.work().await;
    app.advance(Duration::hours(2));
    app.sign_in(ADA).await;
    browsers[0].get("/account").await.expect(200);
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn asvs_7_1_2_of_thirty_sign_ins_at_once_twenty_stay() {
    let app = TestApp::spawn().await;
    app.founder(ADA, "Acme").await;
    let email = email_of(ADA);
    let fields = [("email", email.as_str()), ("password", PASSWORD)];
    let browsers = join_all((0..30).map(|_| async {
        let browser = app.browser();
        browser.post("/login", &fields).await.expect_redirect("/");
        browser
    }))
    .await;
    let open = "select count(*) from sign_ins where ended_at is null";
    assert_eq!(app.database.number(open).await, 20);
    let answers = join_all(browsers.iter().map(|browser| browser.get("/account"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 20);
    app.work().await;
}

#[tokio::test]
async fn asvs_7_5_2_the_list_says_of_each_sign_in_where_since_when_how_and_until_when() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let kept = keep(&app).await;
    app.advance(Duration::hours(1));
    let page = kept.get("/account/sessions").await.expect(200);
    let rows = page.texts(".card-row");
    assert_eq!(rows.len(), 2);
    for part in
        ["This browser", "Remembered", "Firefox on Linux", "127.0.0.1", "(password)", "in 29 days"]
    {
        assert!(rows[0].contains(part), "{part}: {}", rows[0]);
    }
    for part in ["(signing up)", "in 7 hours", "in 23 hours"] {
        assert!(rows[1].contains(part), "{part}: {}", rows[1]);
    }
    assert!(!rows[1].contains("Remembered") && !rows[1].contains("This browser"), "{}", rows[1]);
    let limits = page.text("#limits");
    for part in ["24 hours", "8 hours", "30 days", "14 days", "20 sessions"] {
        assert!(limits.contains(part), "{part}: {limits}");
    }
    // Expired ones are not listed.
    app.work().await;
    app.advance(Duration::hours(8));
    assert_eq!(kept.get("/account/sessions").await.expect(200).count(".card-row"), 1);
    ada.get("/account").await.expect(303);
}

#[tokio::test]
async fn the_list_of_sign_ins_shows_this_one_and_ends_the_others() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let second = app.sign_in(ADA).await;
    let third = app.sign_in(ADA).await;
    let bo = app.founder("Bo", "Other").await;

    let page = ada.get("/account/sessions").await.expect(200);
    assert_eq!(page.count(".card-row"), 3);
    assert!(page.text(".card-row h3").contains("Firefox on Linux"));
    assert!(page.text(".card-row h3").contains("This browser"));
    assert!(page.text(".card-row p").contains("127.0.0.1"));
    let ends = page.attributes(".card-row form", "action");
    bo.post(&ends[1], &[]).await.expect(404);
    ada.post(&ends[1], &[]).await.expect_redirect("/account/sessions");
    ada.post(&ends[1], &[]).await.expect_redirect("/account/sessions");
    let ended = [second.get("/account").await.status, third.get("/account").await.status];
    assert_eq!(ended.iter().filter(|status| status.as_u16() == 303).count(), 1);

    ada.post("/account/sessions/end-others", &[]).await.expect_redirect("/account/sessions");
    second.get("/account").await.expect(303);
    third.get("/account").await.expect(303);
    ada.get("/account").await.expect(200);
    bo.get("/account").await.expect(200);
}

#[tokio::test]
async fn the_list_names_the_city_of_an_address_where_the_operator_has_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("places.mmdb");
    let file = places_file("203.0.113.0".parse().unwrap(), "Lyon", "France");
    std::fs::write(&path, &file).unwrap();
    let places = Places::open(&path).unwrap();
    assert_eq!(places.to_string(), format!("{} (Test-City, built on 21 Sep 2026)", path.display()));
    let app = TestApp::spawn_with(|config| config.behind_proxies(1).with_places(places)).await;
    app.founder(ADA, "Acme").await;
    for (address, words) in [
        ("203.0.113.7", "203.0.113.7 (Lyon, France)"),
        ("203.0.114.7", "203.0.114.7 ·"),
        ("2001:db8::7", "2001:db8::7 ·"),
        ("10.0.0.7", "10.0.0.7 (a private network)"),
        ("127.0.0.1", "127.0.0.1 (this machine)"),
    ] {
        let browser = app.browser();
        let fields = [("email", email_of(ADA)), ("password", PASSWORD.to_owned())];
        let request = browser.request("POST", "/login").header("x-forwarded-for", address);
        browser.send(request.form(&fields)).await.expect_redirect("/");
        let page = browser.get("/account/sessions").await.expect(200);
        let row = page.text(".card-row");
        assert!(row.contains(words), "{words}: {row}");
        browser.post("/logout", &[]).await.expect(303);
    }
    // A truncated file is refused at the start, or gives no location; it never causes a server
    // error.
    for length in [0, 10, file.len() / 2, file.len() - 1] {
        std::fs::write(&path, &file[..length]).unwrap();
        let error = Places::open(&path).err().expect("half a file is none");
        assert!(error.contains("not a file in the MaxMind DB format"), "{error}");
    }
    app.work().await;
}
