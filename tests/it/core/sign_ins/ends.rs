//! What ends sign-ins, even while a request is in flight.

use super::ADA;
use crate::support::{Browser, PASSWORD, TestApp, email_of, slow_post};

const NEW: &str = "a wholly different phrase";

#[tokio::test]
async fn asvs_7_4_1_signing_out_ends_the_sign_in_and_not_only_the_cookie() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let copied = cookie_of(&app).await;
    let stolen = |path: &str| {
        let browser = app.browser();
        browser.request("GET", path).header("cookie", copied.1.clone())
    };
    assert_eq!(app.browser().send(stolen("/orgs/acme")).await.status, 200);
    copied.0.post("/logout", &[]).await.expect_redirect("/login");
    app.browser().send(stolen("/orgs/acme")).await.expect(303);
    ada.get("/orgs/acme").await.expect(200);
    app.work().await;
}

/// A second browser of Ada's, and its session cookie.
async fn cookie_of(app: &TestApp) -> (Browser, String) {
    let browser = app.browser();
    let email = email_of(ADA);
    let fields = [("email", email.as_str()), ("password", PASSWORD)];
    let answer = browser.post("/login", &fields).await.expect(303);
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    (browser, cookie)
}

#[tokio::test]
async fn asvs_7_4_1_a_session_that_is_stored_again_after_its_end_opens_nothing() {
    let app = TestApp::spawn().await;
    app.founder(ADA, "Acme").await;
    let (browser, cookie) = cookie_of(&app).await;
    let stolen = || app.browser().request("GET", "/account").header("cookie", cookie.clone());
    app.browser().send(stolen()).await.expect(200);
    // What a request in flight would save: the library's store inserts missing sessions.
    let keep = "create table kept as select * from sessions";
    app.database.execute(keep).await.unwrap();
    browser.post("/logout", &[]).await.expect(303);
    let restore = "insert into sessions select * from kept
         where id not in (select id from sessions)";
    app.database.execute(restore).await.unwrap();
    assert!(app.database.number("select count(*) from sessions").await >= 2);
    app.database.execute("drop table kept").await.unwrap();
    app.browser().send(stolen()).await.expect(303);
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn asvs_7_4_1_who_confirms_to_be_somebody_while_the_sign_in_ends_gets_no_new_one() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let body = format!("password={}", PASSWORD.replace(' ', "+"));
    let ended = async { drop(ada.post("/account/sessions/end-others", &[]).await.expect(303)) };
    let answer = slow_post(&app, ADA, "/account/confirm", &body, ended).await;
    assert!(answer.contains("location: /login"), "{answer}");
    let cookies = answer.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
    for cookie in cookies.map(|cookie| cookie.split(';').next().unwrap()) {
        let request = app.browser().request("GET", "/account").header("cookie", cookie);
        app.browser().send(request).await.expect(303);
    }
    app.work().await;
}

/// Whether a change that was in flight while `meanwhile` happened was refused.
async fn is_refused(app: &TestApp, meanwhile: impl Future<Output = ()>) -> bool {
    let answer = slow_post(app, ADA, "/account", "name=Somebody", meanwhile).await;
    let renamed = "select count(*) from users where name = 'Somebody'";
    answer.contains("location: /login") && app.database.number(renamed).await == 0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn asvs_7_4_3_a_new_password_or_factor_ends_the_others_also_on_their_way() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let email = email_of(ADA);
    let other = app.sign_in(ADA).await;
    let changed = async {
        let fields = [("current_password", PASSWORD), ("password", NEW)];
        ada.post("/account/password", &fields).await.expect_redirect("/account/password");
        let fields = [("current_password", NEW), ("password", PASSWORD)];
        ada.post("/account/password", &fields).await.expect_redirect("/account/password");
    };
    assert!(is_refused(&app, changed).await, "a password that was changed");
    ada.get("/account").await.expect(200);
    other.get("/account").await.expect(303);

    let other = app.sign_in(ADA).await;
    let with_app = async {
        use totp_rs::{Builder, Secret};
        let begun = ada.post("/account/security/totp", &[]).await.expect(303).location().unwrap();
        let secret = ada.get(&begun).await.expect(200).text("#secret").replace(' ', "");
        let secret = Secret::try_from_base32(secret).unwrap();
        let totp = Builder::new().with_secret(secret).with_account_name("x").build().unwrap();
        let seconds = u64::try_from(app.app.clock.now().as_micros() / 1_000_000).unwrap();
        let code = totp.generate(seconds).to_string();
        let fields = [("name", "Phone"), ("code", code.as_str())];
        ada.post(&format!("{begun}/confirm"), &fields).await.expect(200);
    };
    assert!(is_refused(&app, with_app).await, "a factor that was added");
    ada.get("/account").await.expect(200);
    other.get("/account").await.expect(303);
    app.database.execute("delete from recovery_codes").await.unwrap();
    app.database.execute("delete from totp_factors").await.unwrap();

    let reset = async {
        // The email about the factor is not the last one.
        app.work().await;
        let browser = app.browser();
        browser.post("/password/forgot", &[("email", &email)]).await.expect(303);
        let link = app.last_mail(&email).await.link("/password/reset/");
        browser.get(&link).await.expect(303);
        browser.post("/password/reset", &[("password", NEW)]).await.expect_redirect("/login");
    };
    assert!(is_refused(&app, reset).await, "a password that was reset");
    ada.get("/account").await.expect(303);
    let open = "select count(*) from sign_ins where ended_at is null";
    assert_eq!(app.database.number(open).await, 0);
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn asvs_7_4_2_a_member_who_is_removed_finds_nothing_at_once_also_on_the_way() {
    let app = TestApp::spawn().await;
    let owner = app.founder("Olga Owner", "Acme").await;
    let ada = app.member(&owner, "acme", ADA, "admin").await;
    let id = app.membership_id(&owner, "acme", ADA).await;
    for act in ["suspend", "remove"] {
        let path = format!("/orgs/acme/members/{id}/{act}");
        let ended = async { drop(owner.post(&path, &[]).await.expect(303)) };
        let settings = "/orgs/acme/settings";
        let answer = slow_post(&app, ADA, settings, "name=Changed&slug=acme", ended).await;
        assert!(answer.contains(" 404 ") || answer.contains(" 403 "), "{act}: {answer}");
        let status = ada.get("/orgs/acme/members").await.status.as_u16();
        assert_eq!(status, if act == "remove" { 404 } else { 403 });
        owner.post(&format!("/orgs/acme/members/{id}/reactivate"), &[]).await;
    }
    ada.get("/account").await.expect(200);
    let name = app.database.texts("select name from organizations").await;
    assert_eq!(name, ["Acme"]);
    app.work().await;
}
