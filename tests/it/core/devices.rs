//! Known browsers: strangers who guess a password cannot keep the owner out of them. Names contain
//! the requirement of ASVS 5.0 that they cover.

use tenantry::platform::throttle::Limits;
use tenantry::workers;
use time::Duration;

use crate::support::{Answer, Browser, PASSWORD, TestApp, email_of};

const ADA: &str = "Ada Lovelace";
const NEW: &str = "a wholly different phrase";

async fn limited(per_account: i64, per_network: i64) -> TestApp {
    let limits = Limits { per_account, per_network, ..Limits::default() };
    TestApp::spawn_with(|config| config.with_throttle(limits)).await
}

async fn sign_in(browser: &Browser, email: &str, password: &str) -> Answer {
    browser.post("/login", &[("email", email), ("password", password)]).await
}

/// The token by which the browser is known.
fn token(answer: &Answer) -> String {
    let cookies = answer.headers.get_all("set-cookie").iter();
    let cookies: Vec<&str> = cookies.map(|cookie| cookie.to_str().unwrap()).collect();
    let cookie = cookies.iter().find(|cookie| cookie.contains("-device="));
    let cookie = cookie.unwrap_or_else(|| panic!("no token in {cookies:?}"));
    cookie.split(';').next().unwrap().to_owned()
}

/// Signs in with a cookie, and nothing else from this browser.
async fn sign_in_with(app: &TestApp, cookie: &str, email: &str, password: &str) -> Answer {
    let browser = app.browser();
    let page = browser.get("/login").await;
    let csrf = page.header("set-cookie").split(';').next().unwrap().to_owned();
    let token = page.attribute("input[name=csrf]", "value");
    let fields = [("email", email), ("password", password), ("csrf", &token)];
    let request = browser.request("POST", "/login").form(&fields);
    browser.send_as_it_is(request.header("cookie", format!("{csrf}; {cookie}"))).await
}

async fn set_password(app: &TestApp, browser: &Browser, email: &str, password: &str) -> Answer {
    browser.post("/password/forgot", &[("email", email)]).await.expect_redirect("/login");
    let link = app.last_mail(email).await.link("/password/reset/");
    browser.get(&link).await.expect(303);
    let answer = browser.post("/password/reset", &[("password", password)]).await;
    answer.expect_redirect("/login")
}

#[tokio::test]
async fn asvs_6_3_1_strangers_who_guess_keep_nobody_out_of_a_known_browser() {
    let app = limited(3, 5).await;
    let ada = app.founder(ADA, "Acme").await;
    let email = email_of(ADA);
    ada.post("/logout", &[]).await.expect_redirect("/login");
    for _ in 0..3 {
        sign_in(&app.browser(), &email, "a guess").await.expect(422);
    }
    for name in ["one@example.test", "two@example.test"] {
        sign_in(&app.browser(), name, "a guess").await.expect(422);
    }
    // The account has to wait, and so does the network; the owner does not.
    sign_in(&app.browser(), &email, PASSWORD).await.expect(429);
    sign_in(&app.browser(), "three@example.test", PASSWORD).await.expect(429);
    sign_in(&ada, &email, PASSWORD).await.expect_redirect("/");
    ada.get("/orgs/acme").await.expect(200);
    // Strangers still have to wait: the owner's sign-in gives them no new attempts.
    sign_in(&app.browser(), &email, PASSWORD).await.expect(429);
    // They cannot keep the owner from requesting a link, either.
    for _ in 0..3 {
        app.browser().post("/password/forgot", &[("email", &email)]).await.expect(303);
    }
    app.browser().post("/password/forgot", &[("email", &email)]).await.expect(429);
    ada.post("/logout", &[]).await.expect_redirect("/login");
    ada.post("/password/forgot", &[("email", &email)]).await.expect(303);
    app.work().await;
}

#[tokio::test]
async fn asvs_6_3_1_what_is_wrong_at_a_known_browser_counts_for_it_alone() {
    let app = limited(3, 4).await;
    let ada = app.founder(ADA, "Acme").await;
    let email = email_of(ADA);
    for _ in 0..3 {
        sign_in(&ada, &email, "a guess").await.expect(422);
    }
    let here = sign_in(&ada, &email, PASSWORD).await.expect(429);
    assert_eq!(here.header("retry-after"), "60");
    // Nothing was counted for the account and the network.
    for _ in 0..3 {
        sign_in(&app.browser(), &email, "a guess").await.expect(422);
    }
    let elsewhere = sign_in(&app.browser(), &email, PASSWORD).await.expect(429);
    assert_eq!(here.text("main"), elsewhere.text("main"));
    // For another account the browser is unknown.
    sign_in(&ada, "nobody@example.test", "a guess").await.expect(422);
    sign_in(&ada, "nobody@example.test", "a guess").await.expect(429);
    app.advance(Duration::minutes(1));
    sign_in(&ada, &email, PASSWORD).await.expect_redirect("/");
    app.work().await;
}

#[tokio::test]
async fn asvs_6_3_8_a_known_browser_tells_nothing_about_other_accounts() {
    let app = limited(10, 1000).await;
    app.founder("Bo Both", "Other").await;
    let ada = app.founder(ADA, "Acme").await;
    // The same work, words and headers.
    let (theirs, known) = app.statements(sign_in(&ada, &email_of("Bo Both"), "a guess")).await;
    let (nobodys, unknown) = app.statements(sign_in(&ada, "nobody@example.test", "a guess")).await;
    assert_eq!(theirs, nobodys);
    let words = |answer: &Answer| (answer.status, answer.text(".form-error"));
    assert_eq!(words(&known), words(&unknown));
    let names = |answer: &Answer| {
        let mut names: Vec<_> = answer.headers.keys().map(|name| name.to_string()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&known), names(&unknown));
    // Signing up with a taken address gives the browser a new token, too, and it stays known.
    let fields = |email: &'static str| {
        [("name", "X"), ("email", email), ("password", PASSWORD), ("organization", "X")]
    };
    let mut tokens = Vec::new();
    for email in ["bo.both@example.test", "new@example.test"] {
        let answer = ada.post("/signup", &fields(email)).await.expect(303);
        tokens.push(token(&answer));
    }
    assert_ne!(tokens[0], tokens[1]);
    app.work().await;
    let mails = app.mail.count();
    sign_in(&ada, &email_of(ADA), PASSWORD).await.expect_redirect("/");
    app.work().await;
    assert_eq!(app.mail.count(), mails, "the browser is still known for her");
}

#[tokio::test]
async fn asvs_3_3_1_the_token_is_a_strict_cookie_of_its_own_and_stored_as_a_digest() {
    let base_url = url::Url::parse("https://tenantry.example.test").unwrap();
    let app = TestApp::spawn_with(|config| config.with_base_url(base_url)).await;
    let fields = [
        ("name", ADA),
        ("email", "ada.lovelace@example.test"),
        ("password", PASSWORD),
        ("organization", "Acme"),
    ];
    let browser = app.browser();
    // A program: a browser would not send the cookies of an https page here.
    let request = browser.request("POST", "/signup").form(&fields);
    let answer = browser.send_as_it_is(request).await.expect(303);
    let cookies = answer.headers.get_all("set-cookie").iter();
    let cookies: Vec<&str> = cookies.map(|cookie| cookie.to_str().unwrap()).collect();
    let cookie = cookies.iter().find(|c| c.starts_with("__Host-tenantry-device=")).unwrap();
    let (value, rest) = cookie.split_once('=').unwrap().1.split_once(';').unwrap();
    assert_eq!(rest, " Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=34560000");
    assert_eq!(value.len(), 43, "32 bytes");
    assert!(!app.dump().await.contains(value), "it lies in the database");
    app.work().await;
}

#[tokio::test]
async fn a_sign_in_gives_the_browser_another_token_and_the_old_one_is_dead() {
    let app = limited(2, 1000).await;
    app.founder(ADA, "Acme").await;
    app.founder("Bo Both", "Other").await;
    let browser = app.browser();
    let first = token(&sign_in(&browser, &email_of("Bo Both"), PASSWORD).await);
    let second = token(&sign_in(&browser, &email_of(ADA), PASSWORD).await);
    assert_ne!(first, second);
    app.work().await;
    for name in [ADA, "Bo Both"] {
        let email = email_of(name);
        for _ in 0..2 {
            sign_in(&app.browser(), &email, "a guess").await.expect(422);
        }
        // Somebody who has copied the old token is a stranger.
        sign_in_with(&app, &first, &email, PASSWORD).await.expect(429);
        sign_in_with(&app, &format!("{}rubbish", app.cookie("device")), &email, PASSWORD)
            .await
            .expect(429);
    }
    let mails = app.mail.count();
    // The new one is valid for both accounts.
    sign_in(&browser, &email_of("Bo Both"), PASSWORD).await.expect_redirect("/");
    browser.post("/logout", &[]).await.expect_redirect("/login");
    sign_in(&browser, &email_of(ADA), PASSWORD).await.expect_redirect("/");
    app.work().await;
    // Each gets the email about the guesses, and none about the sign-in.
    assert_eq!(app.mail.count(), mails + 2);
}

#[tokio::test]
async fn asvs_6_3_1_a_new_password_by_mail_makes_this_browser_known_and_all_others_unknown() {
    let app = limited(3, 1000).await;
    let ada = app.founder(ADA, "Acme").await;
    let email = email_of(ADA);
    for _ in 0..3 {
        sign_in(&app.browser(), &email, "a guess").await.expect(422);
    }
    let here = app.browser();
    sign_in(&here, &email, PASSWORD).await.expect(429);
    token(&set_password(&app, &here, &email, NEW).await);
    for _ in 0..3 {
        sign_in(&app.browser(), &email, "a guess").await.expect(422);
    }
    app.work().await;
    sign_in(&ada, &email, NEW).await.expect(429);
    sign_in(&here, &email, NEW).await.expect_redirect("/");
    here.get("/orgs/acme").await.expect(200);
    assert_eq!(app.database.number("select count(*) from devices").await, 1);
    app.work().await;
    assert!(app.mail.delivered_to(&email).iter().all(|mail| !mail.subject.contains("New sign-in")));
    // So does a signed-in person who sets a new password.
    app.advance(Duration::minutes(31));
    let other = app.browser();
    sign_in(&other, &email, NEW).await.expect_redirect("/");
    assert_eq!(app.database.number("select count(*) from devices").await, 2);
    let fields = [("current_password", NEW), ("password", PASSWORD)];
    let answer = here.post("/account/password", &fields).await;
    answer.expect_redirect("/account/password");
    assert_eq!(app.database.number("select count(*) from devices").await, 1);
    sign_in(&other, &email, PASSWORD).await.expect_redirect("/");
    assert_eq!(app.database.number("select count(*) from devices").await, 2);
    app.work().await;
}

#[tokio::test]
async fn the_fifty_browsers_used_last_are_known_for_400_days() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let email = email_of(ADA);
    let spare = "insert into devices (id, user_id, token_hash, created_at, last_used_at)
        select {id}, id, {id}, created_at, created_at from users";
    for number in 0..60 {
        let id = match app.database.is_postgres() {
            true => format!("md5('{number}')::uuid"),
            false => format!("cast('{number:016}' as blob)"),
        };
        let hash = id.replace("::uuid", "::bytea");
        let insert = spare.replacen("{id}", &id, 1).replacen("{id}", &hash, 1);
        app.database.execute(&insert).await.unwrap();
    }
    app.advance(Duration::minutes(1));
    app.sign_in(ADA).await;
    assert_eq!(app.database.number("select count(*) from devices").await, 50);
    // Hers is among those used longest ago: the ids of the others come after it.
    sign_in(&ada, &email, PASSWORD).await.expect_redirect("/");
    app.work().await;
    app.advance(Duration::days(399));
    workers::tidy(&app.app).await;
    assert!(app.database.number("select count(*) from devices").await >= 2);
    let mails = app.mail.count();
    sign_in(&ada, &email, PASSWORD).await.expect_redirect("/");
    app.work().await;
    assert_eq!(app.mail.count(), mails);
    app.advance(Duration::days(400));
    sign_in(&ada, &email, PASSWORD).await.expect_redirect("/");
    app.work().await;
    assert_eq!(app.mail.count(), mails + 1, "after 400 days it is new");
    workers::tidy(&app.app).await;
    assert_eq!(app.database.number("select count(*) from devices").await, 1);
}

#[tokio::test]
async fn asvs_14_3_1_signing_out_leaves_the_browser_known_and_takes_every_other_cookie() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let answer = ada.post("/logout", &[]).await.expect_redirect("/login");
    let cookies = answer.headers.get_all("set-cookie").iter();
    let mut cookies: Vec<&str> = cookies.map(|cookie| cookie.to_str().unwrap()).collect();
    cookies.sort_unstable();
    let names: Vec<&str> = cookies.iter().map(|c| c.split('=').next().unwrap()).collect();
    // The cookie of the link that confirmed the address has another name each time.
    let (links, names): (Vec<&str>, Vec<&str>) = names
        .into_iter()
        .partition(|name| name.starts_with(app.cookie("link-").trim_end_matches('=')));
    assert_eq!(links.len(), 1);
    // The next page says once that they are signed out.
    let (said, names): (Vec<&str>, Vec<&str>) =
        names.into_iter().partition(|name| *name == app.cookie("flash").trim_end_matches('='));
    assert_eq!(said.len(), 1);
    let mut expected = [app.cookie("csrf"), app.cookie("")];
    expected.sort_unstable();
    let expected = expected.each_ref().map(|name| name.trim_end_matches('='));
    assert_eq!(names, expected, "{cookies:?}");
    cookies.retain(|cookie| !cookie.starts_with(said[0]));
    assert!(cookies.iter().all(|cookie| cookie.contains("Max-Age=0")), "{cookies:?}");
}
