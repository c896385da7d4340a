//! Second factors and authenticating again: what signing in requires besides the password, and what
//! is asked for again. Names contain the requirement of ASVS 5.0 that they cover.

use futures_util::future::join_all;
use tenantry::core::operators::{self, OperatorCommand};
use tenantry::platform::throttle::Limits;
use time::Duration;
use totp_rs::{Builder, Secret};

use crate::support::{Answer, Browser, PASSWORD, TestApp, email_of};

const ADA: &str = "Ada Lovelace";

/// An authenticator app with its secret.
pub(crate) struct Phone(pub(crate) String);

impl Phone {
    /// The code that it shows `steps` steps from now.
    pub(crate) fn code(&self, app: &TestApp, steps: i64) -> String {
        let seconds = app.app.clock.now().as_micros() / 1_000_000 + 30 * steps;
        let secret = Secret::try_from_base32(self.0.replace(' ', "")).unwrap();
        let totp = Builder::new().with_secret(secret).with_account_name("x").build().unwrap();
        totp.generate(u64::try_from(seconds).unwrap()).to_string()
    }

    /// An unused code: waits for the next one.
    pub(crate) fn next(&self, app: &TestApp) -> String {
        app.advance(Duration::seconds(30));
        self.code(app, 0)
    }
}

/// Sets up an app; returns it, and the recovery codes that come with the first.
pub(crate) async fn set_up(app: &TestApp, browser: &Browser, name: &str) -> (Phone, Vec<String>) {
    let begun = browser.post("/account/security/totp", &[]).await.expect(303);
    let path = begun.location().unwrap();
    let page = browser.get(&path).await.expect(200);
    let phone = Phone(page.text("#secret"));
    let fields = [("name", name), ("code", &phone.code(app, 0))];
    let page = browser.post(&format!("{path}/confirm"), &fields).await;
    app.work().await;
    (phone, page.texts(".codes li"))
}

/// Enters address and password in a browser of its own.
async fn half_way(app: &TestApp, name: &str) -> Browser {
    let browser = app.browser();
    let fields = [("email", email_of(name)), ("password", PASSWORD.to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    browser.post("/login", &fields).await.expect_redirect("/login/factor");
    browser
}

async fn enter(browser: &Browser, code: &str) -> Answer {
    browser.post("/login/factor", &[("code", code)]).await
}

#[tokio::test]
async fn the_first_app_counts_once_a_code_has_shown_it_and_comes_with_ten_recovery_codes() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let other = app.sign_in(ADA).await;
    let path = ada.post("/account/security/totp", &[]).await.location().unwrap();
    let page = ada.get(&path).await.expect(200);
    let phone = Phone(page.text("#secret"));
    let picture = ada.get(&page.attribute("img.qr", "src")).await.expect(200);
    assert_eq!(picture.header("content-type"), "image/svg+xml; charset=utf-8");
    assert_eq!(picture.header("cache-control"), "no-store");
    assert!(picture.body.contains("<svg"), "{}", picture.body);
    // It has no effect yet.
    app.sign_in(ADA).await;
    let confirm = format!("{path}/confirm");
    let wrong = [("code", "000000"), ("name", "My phone")];
    let page = ada.post(&confirm, &wrong).await.expect(422);
    assert!(page.text("#code-error").contains("not the code"), "{}", page.body);
    assert_eq!(page.attribute("#name", "value"), "My phone");
    let right = [("code", phone.code(&app, 0)), ("name", "My phone".to_owned())];
    let right = right.each_ref().map(|(name, value)| (*name, value.as_str()));
    let page = ada.post(&confirm, &right).await.expect(200);
    let codes = page.texts(".codes li");
    assert_eq!(codes.len(), 10, "{}", page.body);
    ada.post(&confirm, &right).await.expect(404);
    ada.get(&path).await.expect(404);

    let page = ada.get("/account/security").await.expect(200);
    assert!(page.text(".card-row h3").contains("My phone"), "{}", page.body);
    assert!(!page.body.contains(&codes[0]), "codes are shown once");
    other.get("/account").await.expect(303);
    let mail = app.last_mail(&email_of(ADA)).await;
    assert!(mail.text.contains("“My phone” was added"), "{}", mail.text);
    let dump = app.dump().await;
    for secret in codes.iter().chain([&phone.0, &phone.0.replace(' ', "")]) {
        assert!(!dump.contains(secret.as_str()), "a secret is readable in the database");
    }
    assert!(dump.contains("account.factor_added"), "it is recorded");
}

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
    assert!(page.text("#code-error").contains("is wrong"), "{}", page.body);
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

#[tokio::test]
async fn asvs_6_5_5_a_code_is_good_one_step_early_and_one_late_and_no_longer() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let (phone, _) = set_up(&app, &ada, "Phone").await;
    app.advance(Duration::minutes(5));
    enter(&half_way(&app, ADA).await, &phone.code(&app, -2)).await.expect(422);
    enter(&half_way(&app, ADA).await, &phone.code(&app, 2)).await.expect(422);
    enter(&half_way(&app, ADA).await, &phone.code(&app, -1)).await.expect(303);
    enter(&half_way(&app, ADA).await, &phone.code(&app, 1)).await.expect(303);
    // A later code was used, so the earlier ones are not valid any more.
    enter(&half_way(&app, ADA).await, &phone.code(&app, 0)).await.expect(422);
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn asvs_6_5_1_the_same_code_at_the_same_moment_lets_one_in() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let (phone, codes) = set_up(&app, &ada, "Phone").await;
    for code in [phone.next(&app), codes[0].clone()] {
        let browsers = join_all((0..8).map(|_| half_way(&app, ADA))).await;
        let answers = join_all(browsers.iter().map(|browser| enter(browser, &code))).await;
        let is_in = |answer: &&Answer| answer.location().as_deref() == Some("/");
        assert_eq!(answers.iter().filter(is_in).count(), 1, "{code}");
        enter(&half_way(&app, ADA).await, &code).await.expect(422);
        app.advance(Duration::minutes(16));
    }
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
async fn asvs_6_4_4_a_recovery_code_lets_in_once_and_the_person_is_told() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let (_, codes) = set_up(&app, &ada, "Phone").await;
    let browser = half_way(&app, ADA).await;
    enter(&browser, &codes[3].to_uppercase().replace('-', " ")).await.expect_redirect("/");
    app.work().await;
    let mails = app.mail.delivered_to(&email_of(ADA));
    assert!(mails.iter().any(|mail| mail.text.contains("You have 9 left")), "{mails:?}");
    enter(&half_way(&app, ADA).await, &codes[3]).await.expect(422);
    let page = browser.get("/account/security").await;
    assert!(page.body.contains("9 codes left"), "{}", page.body);
    // New ones replace all others.
    let page = browser.post("/account/security/recovery-codes", &[]).await.expect(200);
    let new = page.texts(".codes li");
    assert_eq!(new.len(), 10);
    enter(&half_way(&app, ADA).await, &codes[4]).await.expect(422);
    enter(&half_way(&app, ADA).await, &new[4]).await.expect_redirect("/");
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn asvs_6_6_3_guesses_are_counted_by_account_and_ten_at_once_are_no_more() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let (phone, _) = set_up(&app, &ada, "Phone").await;
    let browsers = join_all((0..4).map(|_| half_way(&app, ADA))).await;
    let answers = join_all((0..24).map(|n| enter(&browsers[n % 4], "000000"))).await;
    let looked_at = answers.iter().filter(|answer| answer.status == 422).count();
    assert_eq!(looked_at, 10);
    let answer = enter(&browsers[0], &phone.next(&app)).await.expect(429);
    let wait: i64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let mail = app.last_mail(&email_of(ADA)).await;
    assert!(mail.subject.contains("guessing"), "{}", mail.subject);
    // People who are signed in stay signed in, and a stranger without the password can lock nobody
    // out.
    ada.get("/orgs/acme").await.expect(200);
    app.advance(Duration::seconds(wait));
    let browser = half_way(&app, ADA).await;
    enter(&browser, &phone.code(&app, 0)).await.expect_redirect("/");
    let failed = "select count(*) from audit_log where action = 'sign_in.failed'";
    app.work().await;
    assert!(app.database.number(failed).await >= 1);
}

#[tokio::test]
async fn asvs_6_3_4_second_factors_are_counted_by_network_too() {
    let limits = Limits { per_network: 3, ..Limits::default() };
    let app = TestApp::spawn_with(|config| config.with_throttle(limits)).await;
    for name in [ADA, "Bo Both"] {
        let person = app.founder(name, name).await;
        set_up(&app, &person, "Phone").await;
    }
    let (ada, bo) = (half_way(&app, ADA).await, half_way(&app, "Bo Both").await);
    for browser in [&ada, &bo, &ada] {
        enter(browser, "000000").await.expect(422);
    }
    enter(&bo, "000000").await.expect(429);
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
async fn asvs_6_5_6_a_factor_that_is_removed_opens_nothing_at_once() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let (phone, codes) = set_up(&app, &ada, "Phone").await;
    app.advance(Duration::seconds(30));
    let (tablet, none) = set_up(&app, &ada, "Tablet").await;
    assert!(none.is_empty(), "recovery codes come with the first");
    let page = ada.get("/account/security").await;
    let removes = page.attributes(".card-row a[href$=remove]", "href");
    let rename = page.attribute(".card-row form[action$=rename]", "action");
    ada.post(&rename, &[("name", "Old phone")]).await.expect_redirect("/account/security");
    ada.post(&rename, &[("name", "a\u{202E}b")]).await.expect(422);
    let (browser, other) = (half_way(&app, ADA).await, app.founder("Bo", "Other").await);
    for path in &removes {
        other.post(path, &[]).await.expect(404);
    }
    let page = ada.get(&removes[0]).await.expect(200);
    assert_eq!(page.text(".dialog-head"), "Remove “Old phone”?");
    assert_eq!(page.attribute(".dialog-page form", "action"), removes[0]);
    assert!(!page.text(".consequences").contains("last second factor"), "{}", page.body);
    ada.post(&removes[0], &[]).await.expect_redirect("/account/security");
    ada.post(&removes[0], &[]).await.expect(404);
    ada.get(&removes[0]).await.expect(404);
    let mail = app.last_mail(&email_of(ADA)).await;
    assert!(mail.text.contains("“Old phone” was removed"), "{}", mail.text);
    enter(&browser, &phone.next(&app)).await.expect(422);
    enter(&browser, &tablet.code(&app, 0)).await.expect_redirect("/");
    let page = ada.get(&removes[1]).await.expect(200);
    assert!(page.text(".consequences").contains("last second factor"), "{}", page.body);
    ada.post(&removes[1], &[]).await.expect_redirect("/account/security");
    browser.get("/account").await.expect(303);
    let codes_left = "select count(*) from recovery_codes where replaced_at is null";
    assert_eq!(app.database.number(codes_left).await, 0, "{codes:?}");
    app.sign_in(ADA).await;
    app.work().await;
}

#[tokio::test]
async fn asvs_7_5_1_after_ten_minutes_factors_are_changed_by_whoever_shows_again_who_they_are() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    app.advance(Duration::minutes(11));
    let confirm = "/account/confirm?next=%2Faccount%2Fsecurity";
    ada.post("/account/security/totp", &[]).await.expect_redirect(confirm);
    let answer = ada.htmx_post("/account/security/totp", &[]).await.expect(204);
    assert_eq!(answer.header("hx-redirect"), confirm);
    let page = ada.get(confirm).await.expect(200);
    let next = page.attribute("input[name=next]", "value");
    let wrong = [("password", "not her password"), ("next", &next)];
    let page = ada.post("/account/confirm", &wrong).await.expect(422);
    assert!(page.text("#password-error").contains("not your password"), "{}", page.body);
    let right = [("password", PASSWORD), ("next", &next)];
    ada.post("/account/confirm", &right).await.expect_redirect("/account/security");
    let (phone, _) = set_up(&app, &ada, "Phone").await;

    // From now on the factor is asked for, even before the password is changed.
    app.advance(Duration::minutes(11));
    let to = ada.get("/account/password").await.expect(303).location().unwrap();
    assert_eq!(to, "/account/confirm?next=%2Faccount%2Fpassword");
    let fields = [("current_password", PASSWORD), ("password", "a wholly different phrase")];
    ada.post("/account/password", &fields).await.expect_redirect(&to);
    ada.post("/account/security/recovery-codes", &[]).await.expect_redirect(confirm);
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
    let sessions = "/account/confirm?next=%2Faccount%2Fsessions";
    ada.post(&ends[1], &[]).await.expect_redirect(sessions);
    ada.post("/account/sessions/end-others", &[]).await.expect_redirect(sessions);
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
async fn asvs_6_3_3_an_organization_that_asks_for_a_factor_opens_to_nobody_without_one() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let bo = app.member(&ada, "acme", "Bo Both", "admin").await;
    let settings = "/orgs/acme/settings/security";
    let fields = [("requires_factor", "yes")];
    let page = ada.post(settings, &fields).await.expect(422);
    assert!(page.text("#requires_factor-error").contains("lock yourself out"), "{}", page.body);
    set_up(&app, &ada, "Phone").await;
    ada.post(settings, &fields).await.expect_redirect("/orgs/acme/settings");
    ada.post(settings, &fields).await.expect_redirect("/orgs/acme/settings");
    assert_eq!(
        ada.get("/orgs/acme/settings").await.count("input[name=requires_factor][checked]"),
        1
    );
    ada.get("/orgs/acme/members").await.expect(200);

    for path in ["/orgs/acme", "/orgs/acme/members", "/orgs/acme/projects"] {
        let led = format!("/account/security?next={}", path.replace('/', "%2F"));
        bo.get(path).await.expect_redirect(&led);
        let answer = bo.htmx_get(path).await.expect(204);
        assert_eq!(answer.header("hx-redirect"), led);
    }
    let fields = [("email", "n@example.test"), ("role", "viewer")];
    let led = "/account/security?next=%2F";
    bo.post("/orgs/acme/invitations", &fields).await.expect_redirect(led);
    assert_eq!(app.database.number("select count(*) from invitations").await, 1);
    // The reason stays on the page, and the requested page is kept until it can be opened.
    let members = "/orgs/acme/members?q=b";
    let page = bo.visit(members).await;
    assert!(page.text(".notice").contains("Acme asks its members for a second factor"));
    let again = bo.get("/account/security").await.expect(200);
    assert!(again.text(".notice").contains("Acme asks its members"), "{}", again.body);
    let next = page.attribute("form[action='/account/security/totp'] input[name=next]", "value");
    assert_eq!(next, members);
    let begun = bo.post("/account/security/totp", &[("next", &next)]).await.expect(303);
    let page = bo.get(&begun.location().unwrap()).await.expect(200);
    let phone = Phone(page.text("#secret"));
    let code = phone.code(&app, 0);
    let next = page.attribute("input[name=next]", "value");
    let fields = [("name", "Phone"), ("code", &code), ("next", &next)];
    let confirm = page.attribute("main form", "action");
    let page = bo.post(&confirm, &fields).await.expect(200);
    assert_eq!(page.attribute(".card-foot a", "href"), members);
    app.work().await;
    bo.get("/orgs/acme").await.expect(200);
    ada.post(settings, &[]).await.expect_redirect("/orgs/acme/settings");
    app.work().await;
    let changes = "select count(*) from audit_log where action = 'organization.changed'";
    assert_eq!(app.database.number(changes).await, 2);
}

#[tokio::test]
async fn an_operator_without_a_factor_does_not_enter_where_one_is_asked_for() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    set_up(&app, &ada, "Phone").await;
    let required = [("requires_factor", "yes")];
    ada.post("/orgs/acme/settings/security", &required).await.expect(303);
    let operator = app.founder("Otto Operator", "Ops").await;
    let grant = OperatorCommand::Grant { email: email_of("Otto Operator") };
    operators::run(&app.app, &grant).await.unwrap();
    let page = operator.get("/operator/organizations?q=acme").await.expect(200);
    let id = page.attribute("tbody tr", "id").replace("organization-", "");
    let fields = [("reason", "They asked for help"), ("minutes", "15")];
    let enter = format!("/operator/organizations/{id}/enter");
    operator.post(&enter, &fields).await.expect_redirect("/orgs/acme");
    let page = operator.visit("/orgs/acme").await.expect(200);
    assert!(page.text(".notice").contains("requires a second factor"), "{}", page.body);
    set_up(&app, &operator, "Phone").await;
    operator.get("/orgs/acme").await.expect(200);
    app.work().await;
}

#[tokio::test]
async fn a_code_is_taken_however_it_is_typed() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let (phone, codes) = set_up(&app, &ada, "Phone").await;
    let shifted = |code: &str, zero: char| -> String {
        let shift = |c: char| char::from_u32(u32::from(c) - u32::from('0') + u32::from(zero));
        code.chars().filter_map(shift).collect()
    };
    let ways: [&dyn Fn(&str) -> String; 5] = [
        &|code| format!("{}-{}", &code[..3], &code[3..]),
        &|code| format!(" {}\u{A0}{} ", &code[..3], &code[3..]),
        &|code| shifted(code, '０'),
        &|code| shifted(code, '٠'),
        &|code| shifted(code, '०'),
    ];
    for way in ways {
        let typed = way(&phone.next(&app));
        let browser = half_way(&app, ADA).await;
        enter(&browser, &typed).await.expect_redirect("/");
    }
    let browser = half_way(&app, ADA).await;
    let typed = codes[0].to_uppercase().replace('-', " – ");
    enter(&browser, &typed).await.expect_redirect("/");
    app.work().await;
}

#[tokio::test]
async fn where_somebody_goes_on_after_adding_a_factor_is_a_page_of_this_site() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    for elsewhere in ["//evil.test", "https://evil.test", "/\\evil.test"] {
        let query: String = form_urlencoded::byte_serialize(elsewhere.as_bytes()).collect();
        let page = ada.get(&format!("/account/security?next={query}")).await.expect(200);
        assert!(!page.body.contains("evil.test"), "{}", page.body);
        let begun = ada.post("/account/security/totp", &[("next", elsewhere)]).await.expect(303);
        assert!(!begun.location().unwrap().contains("evil"), "{elsewhere}");
    }
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
        ("/login", "You have been signed out.")
    );
}
