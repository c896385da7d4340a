//! What asks again who somebody is, ten minutes after they have last shown it.

use time::Duration;

use super::{ADA, set_up};
use crate::support::{PASSWORD, TestApp, email_of};

#[tokio::test]
async fn asvs_7_5_1_after_ten_minutes_factors_are_changed_only_after_signing_in_again() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    app.advance(Duration::minutes(11));
    let confirm = "/account/confirm?next=%2Faccount%2Fsecurity";
    ada.post("/account/security/totp", &[]).await.expect_step_up();
    let answer = ada.htmx_post("/account/security/totp", &[]).await.expect(204);
    assert!(answer.header("hx-redirect").starts_with(confirm));
    let page = ada.get(confirm).await.expect(200);
    let next = page.attribute("input[name=next]", "value");
    let wrong = [("password", "not her password"), ("next", &next)];
    let page = ada.post("/account/confirm", &wrong).await.expect(422);
    assert!(page.text("#password-error").contains("Incorrect password"), "{}", page.body);
    let right = [("password", PASSWORD), ("next", &next)];
    ada.post("/account/confirm", &right).await.expect_redirect("/account/security");
    let (phone, _) = set_up(&app, &ada, "Phone").await;

    // From now on the factor is asked for, even before the password is changed.
    app.advance(Duration::minutes(11));
    let to = ada.get("/account/password").await.expect(303).location().unwrap();
    assert_eq!(to, "/account/confirm?next=%2Faccount%2Fpassword");
    let fields = [("current_password", PASSWORD), ("password", "a wholly different phrase")];
    ada.post("/account/password", &fields).await.expect_step_up();
    ada.post("/account/security/recovery-codes", &[]).await.expect_step_up();
    ada.post("/account/confirm", &[("password", PASSWORD)]).await.expect(422);
    let elsewhere = [("code", phone.next(&app)), ("next", "//evil.test".to_owned())];
    let elsewhere = elsewhere.each_ref().map(|(name, value)| (*name, value.as_str()));
    ada.post("/account/confirm", &elsewhere).await.expect_redirect("/account/security");
    ada.get("/account/password").await.expect(200);
    ada.post("/account/security/recovery-codes", &[]).await.expect(200);
    app.work().await;
    let stepped = "select count(*) from audit_log where action = 'sign_in.stepped_up'";
    assert_eq!(app.database.number(stepped).await, 2);
}

#[tokio::test]
async fn asvs_7_2_4_a_step_up_gives_a_new_session_and_the_old_one_is_dead() {
    let app = TestApp::spawn().await;
    app.founder(ADA, "Acme").await;
    let browser = app.browser();
    let email = email_of(ADA);
    let fields = [("email", email.as_str()), ("password", PASSWORD)];
    let answer = browser.post("/login", &fields).await.expect(303);
    let old = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    app.advance(Duration::minutes(11));
    let answer = browser.post("/account/confirm", &[("password", PASSWORD)]).await.expect(303);
    let new = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    assert_ne!(old, new);
    let with = |cookie: &str| {
        let browser = app.browser();
        let request = browser.request("GET", "/account").header("cookie", cookie);
        async move { browser.send(request).await }
    };
    with(&old).await.expect(303);
    with(&new).await.expect(200);
    browser.get("/account").await.expect(200);
    app.work().await;
}

#[tokio::test]
async fn asvs_7_5_2_and_7_5_3_ending_other_sign_ins_and_exporting_need_a_fresh_proof() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    app.sign_in(ADA).await;
    let page = ada.get("/account/sessions").await;
    let ends = page.attributes(".card-row form", "action");
    app.advance(Duration::minutes(10));
    ada.post(&ends[1], &[]).await.expect_step_up();
    ada.post("/account/sessions/end-others", &[]).await.expect_step_up();
    let export = ada.post("/orgs/acme/audit/export", &[("format", "csv")]).await;
    export.expect_step_up();
    let live = "select count(*) from sign_ins where ended_at is null";
    assert_eq!(app.database.number(live).await, 2);
    ada.post("/account/confirm", &[("password", PASSWORD)]).await.expect(303);
    ada.post("/account/sessions/end-others", &[]).await.expect_redirect("/account/sessions");
    ada.post("/orgs/acme/audit/export", &[("format", "csv")]).await.expect(200);
    assert_eq!(app.database.number(live).await, 1);
    // Signing out here does not require authenticating again.
    app.advance(Duration::minutes(11));
    ada.post(&ends[0], &[]).await.expect_redirect("/login");
}

#[tokio::test]
async fn what_required_it_is_done_after_a_step_up_without_a_second_press() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let bo = app.founder("Bo", "Other").await;
    app.advance(Duration::minutes(11));
    let begin = "/account/security/totp";
    let to = ada.post(begin, &[]).await.expect(303).location().unwrap();
    let page = ada.get(&to).await.expect(200);
    assert_eq!(page.text("main h2"), "Confirm it's you");
    assert!(!page.body.contains("What you typed"), "nothing was typed");
    let kept = page.attribute("input[name=kept]", "value");
    let fields = [("password", PASSWORD), ("kept", &kept)];
    let page = ada.post("/account/confirm", &fields).await.expect(200);
    // The script sends this form; without it, its button does.
    assert_eq!(page.attribute("form[data-send]", "action"), begin);
    let to = ada.post(begin, &[]).await.expect(303).location().unwrap();
    assert!(to.starts_with("/account/security/totp/"), "{to}");

    // Somebody else's act is not done in one's own name, whatever link one follows.
    let page = bo.post("/account/confirm", &fields).await.expect(303);
    assert_eq!(page.location().as_deref(), Some("/account/security"));
}
