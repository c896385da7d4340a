//! Half-way in: the password was right, and the factor is still asked for.

use futures_util::future::join_all;
use time::Duration;

use super::{ADA, enter, half_way, set_up};
use crate::support::{Answer, PASSWORD, TestApp, email_of};

#[tokio::test]
async fn asvs_6_3_3_with_a_factor_the_password_alone_opens_nothing() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let (phone, _) = set_up(&app, &ada, "Phone").await;
    let browser = half_way(&app, ADA).await;
    for path in ["/account", "/orgs/acme", "/orgs"] {
        let to = browser.get(path).await.expect(303).location().unwrap();
        assert!(to.starts_with("/login?next="), "{to}");
    }
    let sign_ins = "select count(*) from sign_ins where ended_at is null";
    assert_eq!(app.database.number(sign_ins).await, 1);
    let page = enter(&browser, "123456").await.expect(422);
    assert!(page.text("#code-error").contains("is incorrect"), "{}", page.body);
    let code = phone.next(&app);
    enter(&browser, &format!(" {} {} ", &code[..3], &code[3..])).await.expect_redirect("/");
    browser.get("/orgs/acme").await.expect(200);
    // The pending sign-in is used up, and so is the code.
    browser.get("/login/factor").await.expect_redirect("/login");
    app.work().await;
}

#[tokio::test]
async fn a_sign_in_with_a_factor_leads_to_the_page_that_was_asked_for_and_is_kept() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let (phone, _) = set_up(&app, &ada, "Phone").await;
    let browser = app.browser();
    let email = email_of(ADA);
    let fields = [
        ("email", email.as_str()),
        ("password", PASSWORD),
        ("remember", "1"),
        ("next", "/orgs/acme/members?q=ada"),
    ];
    browser.post("/login", &fields).await.expect_redirect("/login/factor");
    let answer = enter(&browser, &phone.next(&app)).await;
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    assert!(cookies.iter().any(|c| c.to_str().unwrap().contains("Max-Age=2592000")), "{cookies:?}");
    answer.expect_redirect("/orgs/acme/members?q=ada");
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_half_way_sign_in_is_finished_once_whatever_is_entered() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let (_, codes) = set_up(&app, &ada, "Phone").await;
    let browser = half_way(&app, ADA).await;
    let answers = join_all(codes[..6].iter().map(|code| enter(&browser, code))).await;
    let is_in = |answer: &&Answer| answer.location().as_deref() == Some("/");
    assert_eq!(answers.iter().filter(is_in).count(), 1);
    app.work().await;
}

#[tokio::test]
async fn asvs_2_3_1_a_half_way_sign_in_ends_after_five_minutes_and_cannot_be_made_up() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let (phone, _) = set_up(&app, &ada, "Phone").await;
    let late = half_way(&app, ADA).await;
    app.advance(Duration::minutes(5));
    enter(&late, &phone.code(&app, 0)).await.expect_redirect("/login");
    let fields = [("email", email_of(ADA)), ("password", PASSWORD.to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let answer = app.browser().post("/login", &fields).await;
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    assert!(cookie.starts_with(&app.cookie("halfway")), "{cookie}");
    let mut forged = cookie.clone().into_bytes();
    let place = forged.len() - 4;
    forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
    let code = phone.next(&app);
    for (cookie, to) in [(String::from_utf8(forged).unwrap(), "/login"), (cookie, "/")] {
        let answer = app.browser().post_with(&cookie, "/login/factor", &[("code", &code)]).await;
        answer.expect_redirect(to);
    }
    app.work().await;
}

#[tokio::test]
async fn asvs_6_4_3_a_reset_by_mail_leaves_the_factor_and_signs_nobody_in() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let (phone, _) = set_up(&app, &ada, "Phone").await;
    let email = email_of(ADA);
    let waiting = half_way(&app, ADA).await;
    let browser = app.browser();
    browser.post("/password/forgot", &[("email", &email)]).await.expect(303);
    let link = app.last_mail(&email).await.link("/password/reset/");
    browser.get(&link).await.expect(303);
    let new = "a wholly different phrase";
    browser.post("/password/reset", &[("password", new)]).await.expect_redirect("/login");
    browser.get("/account").await.expect(303);
    let fields = [("email", email.as_str()), ("password", new)];
    browser.post("/login", &fields).await.expect_redirect("/login/factor");
    browser.get("/account").await.expect(303);
    // A pending sign-in with the old password has to start again.
    enter(&waiting, &phone.next(&app)).await.expect_redirect("/login");
    enter(&browser, &phone.code(&app, 0)).await.expect_redirect("/");
    app.work().await;
}

#[tokio::test]
async fn asvs_6_3_4_an_invitation_does_not_get_an_account_past_its_factor() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let bo = app.founder("Bo Both", "Other").await;
    set_up(&app, &bo, "Phone").await;
    let link = app.invite(&ada, "acme", &email_of("Bo Both"), "member").await;
    let stranger = app.browser();
    let fields = [("name", "Bo Both"), ("password", PASSWORD)];
    let answer = stranger.post(&format!("{link}/accept"), &fields).await;
    assert_ne!(answer.location().as_deref(), Some("/orgs/acme"), "{}", answer.body);
    stranger.get("/orgs/other").await.expect(303);
    half_way(&app, "Bo Both").await.get("/orgs/acme").await.expect(303);
    app.work().await;
}

#[tokio::test]
async fn that_an_account_is_suspended_stays_in_the_page_also_after_the_second_factor() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let (phone, _) = set_up(&app, &ada, "Phone").await;
    let browser = half_way(&app, ADA).await;
    let suspend = "update users set suspended_at = created_at, suspended_reason = 'Unpaid'";
    app.database.execute(suspend).await.unwrap();
    let page = browser.submit("/login/factor", &[("code", &phone.next(&app))]).await.expect(200);
    assert!(page.text(".card .notice[role=alert]").contains("is suspended"), "{}", page.body);
    assert_eq!(page.count(".toast"), 0);
    app.work().await;
}

#[tokio::test]
async fn signing_out_is_said() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let page = ada.submit("/logout", &[]).await.expect(200);
    assert_eq!(
        (page.path.as_str(), page.text(".toast p").as_str()),
        ("/login", "You've been signed out.")
    );
}
