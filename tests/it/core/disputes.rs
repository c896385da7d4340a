//! "This was not me": what the owner of an account can take back, and what an attacker with only
//! part of the owner's secrets cannot get. docs/security.md has the table.

use futures_util::future::join_all;
use tenantry::platform::throttle::Limits;
use time::Duration;
use url::Url;

use crate::core::factors::set_up;
use crate::support::{Answer, Authenticator, Browser, PASSWORD, Snapshot, TestApp, email_of};

const ADA: &str = "Ada Lovelace";
const EVE: &str = "eve@example.test";
const NEW: &str = "a wholly different phrase";
const ORIGIN: &str = "http://localhost";

/// An application with a host name, where passkeys are possible, and Ada, who signed up long ago.
async fn settled() -> (TestApp, Browser) {
    let name = Url::parse(ORIGIN).unwrap();
    let app =
        TestApp::spawn_with(|config| config.with_base_url(name).with_throttle(Limits::default()))
            .await;
    // The time of an act is recorded exactly, even if the clock advances meanwhile.
    app.app.clock.run();
    app.founder(ADA, "Acme").await;
    later(&app).await;
    let ada = app.sign_in(ADA).await;
    (app, ada)
}

/// Ten days later: what was done before cannot be disputed any more.
async fn later(app: &TestApp) {
    app.advance(Duration::days(10));
}

/// A minute later, so that acts have an order.
fn soon(app: &TestApp) {
    app.advance(Duration::minutes(1));
}

async fn add_passkey(browser: &Browser) -> Authenticator {
    let mut device = Authenticator::new(ORIGIN);
    let page = browser.get("/account/security/passkeys/new").await.expect(200);
    let fields = [("name", "Skeleton key"), ("credential", &device.make(&page))];
    let made = browser.post("/account/security/passkeys", &fields).await;
    made.expect_redirect("/account/security");
    device.counter = 2;
    device
}

async fn opens_with_passkey(app: &TestApp, device: &mut Authenticator) -> bool {
    let browser = app.browser();
    let page = browser.get("/login/passkey").await.expect(200);
    device.counter += 1;
    let fields = [("credential", &*device.show(&page))];
    let to = browser.post("/login/passkey", &fields).await.expect(303).location();
    app.work().await;
    to.as_deref() == Some("/")
}

/// Changes the address, as somebody who reads the new one's mail.
async fn change_address(app: &TestApp, browser: &Browser, email: &str) {
    browser.post("/account/email", &[("email", email)]).await.expect_redirect("/account#email");
    let link = app.last_mail(email).await.link("/email/");
    browser.post(&link, &[]).await.expect_redirect("/");
    app.work().await;
}

/// The page after signing in; empty if it was refused.
async fn sign_in(app: &TestApp, email: &str, password: &str) -> (Browser, String) {
    let browser = app.browser();
    let answer = browser.post("/login", &[("email", email), ("password", password)]).await;
    app.work().await;
    let to = answer.location().unwrap_or_default();
    (browser, to)
}

/// The link in the newest email for a person who did not do what it reports.
async fn not_me(app: &TestApp, email: &str) -> String {
    links(app, email).await.pop().expect("a mail with a link")
}

/// The links in all emails to an address, in order.
async fn links(app: &TestApp, email: &str) -> Vec<String> {
    app.work().await;
    let mails = app.mail.delivered_to(email);
    let with_link = mails.iter().filter(|mail| mail.text.contains("/not-me/"));
    with_link.map(|mail| mail.link("/not-me/")).collect()
}

async fn take_back(app: &TestApp, link: &str, fields: &[(&str, &str)]) -> (Browser, Answer) {
    let browser = app.browser();
    let answer = browser.post(link, fields).await;
    app.work().await;
    (browser, answer)
}

#[tokio::test]
async fn whoever_takes_an_account_back_has_it_alone() {
    let (app, ada) = settled().await;
    let intruder = app.sign_in(ADA).await;
    soon(&app);
    let mut passkey = add_passkey(&intruder).await;
    let first = not_me(&app, &email_of(ADA)).await;
    ada.get("/account").await.expect(303);
    soon(&app);
    let (phone, codes) = set_up(&app, &intruder, "Burner").await;
    soon(&app);
    change_address(&app, &intruder, EVE).await;
    intruder.post("/account/email", &[("email", "eve2@example.test")]).await.expect(303);
    let open = app.last_mail("eve2@example.test").await.link("/email/");
    intruder.post("/account/security/recovery-codes", &[]).await.expect(200);
    let eves = not_me(&app, EVE).await;
    let known = app.database.number("select count(*) from devices").await;
    assert!(known > 0);

    // The email about the address names the time of its change, and the page also lists the acts
    // before it.
    let mails = app.mail.delivered_to(&email_of(ADA));
    let about_address = mails.iter().find(|mail| mail.text.contains(EVE)).unwrap();
    let link = about_address.link("/not-me/");
    let page = app.browser().get(&link).await.expect(200);
    let text = page.text("main");
    for told in ["“Skeleton key” was added", "“Burner” was added", "Firefox on Linux, 127.0.0.1"]
    {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(page.text("#ways-in").contains("Passkey “Skeleton key”"), "{}", page.body);
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let moments = page.attributes("input[name=moment]", "value");
    assert!(moments.len() >= 3, "{moments:?}");
    let fields = [("moment", moments[0].as_str()), ("password", PASSWORD)];
    let (owner, answer) = take_back(&app, &link, &fields).await;
    answer.expect_redirect("/password/reset");
    owner.post("/password/reset", &[("password", NEW)]).await.expect_redirect("/login");
    let fields = [("email", &*email_of(ADA)), ("password", NEW)];
    owner.post("/login", &fields).await.expect_redirect("/");
    let page = owner.get("/account/security").await.expect(200);
    assert!(!page.body.contains("Skeleton key") && !page.body.contains("Burner"), "{}", page.body);
    app.work().await;

    intruder.get("/account").await.expect(303);
    assert!(!opens_with_passkey(&app, &mut passkey).await, "the intruder's passkey");
    for (email, password) in [(EVE, PASSWORD), (&email_of(ADA), PASSWORD)] {
        assert_eq!(sign_in(&app, email, password).await.1, "", "{email}");
    }
    for dead in [&first, &link, &eves, &open] {
        app.browser().post(dead, &[]).await.expect(410);
    }
    drop((phone, codes));
    for table in ["totp_factors", "passkeys", "recovery_codes"] {
        assert_eq!(app.database.number(&format!("select count(*) from {table}")).await, 0);
    }
    assert_eq!(app.database.number("select count(*) from devices").await, 1, "the owner's");
    assert!(app.dump().await.contains("account.taken_back"));
    // The intruder's address learns that it is over, but not where the owner is.
    let mail = app.last_mail(EVE).await;
    assert!(mail.text.contains("taken back") || mail.subject.contains("taken back"));
    assert!(!mail.text.contains("127.0.0.1"), "{}", mail.text);
}

#[tokio::test]
async fn every_lasting_way_in_is_mailed_with_a_link_also_to_the_address_from_before() {
    let (app, ada) = settled().await;
    let email = email_of(ADA);
    let mut told = links(&app, &email).await.len();
    let mut is_told = async |what: &str| {
        soon(&app);
        let now = links(&app, &email).await.len();
        assert_eq!(now, told + 1, "{what}");
        told = now;
    };
    add_passkey(&ada).await;
    is_told("a passkey").await;
    let (phone, codes) = set_up(&app, &ada, "Phone").await;
    is_told("an app, with recovery codes").await;
    ada.post("/account/security/recovery-codes", &[]).await.expect(200);
    is_told("new recovery codes").await;
    let fields = [("current_password", PASSWORD), ("password", NEW)];
    ada.post("/account/password", &fields).await.expect_redirect("/account/password");
    is_told("a new password").await;
    let page = ada.get("/account/security").await;
    let remove = page.attribute("a[href*='/totp/'][href$='/remove']", "href");
    ada.post(&remove, &[]).await.expect_redirect("/account/security");
    is_told("a factor removed").await;
    change_address(&app, &ada, EVE).await;
    is_told("another address").await;
    // From now on the old address is told about acts under the new one.
    set_up(&app, &ada, "Second phone").await;
    is_told("an app under another address").await;
    app.set_password_by_mail(EVE, PASSWORD).await;
    is_told("a password set by mail").await;
    drop((phone, codes));
}

#[tokio::test]
async fn the_mailbox_alone_gets_nobody_past_a_factor_that_was_there_before() {
    let (app, ada) = settled().await;
    let (phone, _) = set_up(&app, &ada, "Phone").await;
    later(&app).await;
    let email = email_of(ADA);
    // The owner changes the password, and somebody else finds the email.
    let browser = half_way(&app, &email, PASSWORD).await;
    browser.post("/login/factor", &[("code", &phone.next(&app))]).await.expect_redirect("/");
    let fields = [("current_password", PASSWORD), ("password", NEW)];
    browser.post("/account/password", &fields).await.expect_redirect("/account/password");
    let link = not_me(&app, &email).await;
    let (_, answer) = take_back(&app, &link, &[("forgotten", "1")]).await;
    answer.expect_redirect("/login");
    app.set_password_by_mail(&email, "another password of a thief").await;
    let (thief, to) = sign_in(&app, &email, "another password of a thief").await;
    assert_eq!(to, "/login/factor");
    thief.get("/account").await.expect(303);
    let page = thief.get("/account/security").await.expect(303);
    assert!(page.location().unwrap().starts_with("/login"));
    // The owner's factor is unchanged.
    thief.post("/login/factor", &[("code", &phone.next(&app))]).await.expect_redirect("/");
    app.work().await;
}

#[tokio::test]
async fn the_mailbox_alone_gets_nobody_past_a_factor_of_today_and_its_intruder_neither() {
    let (app, ada) = settled().await;
    let email = email_of(ADA);
    let mut passkey = add_passkey(&ada).await;
    let link = not_me(&app, &email).await;
    soon(&app);
    // The finder of the link does not know the password, and says so or guesses.
    for _ in 0..10 {
        let (_, answer) = take_back(&app, &link, &[("password", "a guess of a stranger")]).await;
        let page = answer.expect(422);
        assert!(page.text("#password-error").contains("not the password"), "{}", page.body);
        assert!(!page.body.contains("a guess of"), "it comes back");
    }
    take_back(&app, &link, &[("password", PASSWORD)]).await.1.expect(429);
    let (_, answer) = take_back(&app, &link, &[("forgotten", "1")]).await;
    answer.expect_redirect("/login");
    ada.get("/account").await.expect(303);
    assert!(!opens_with_passkey(&app, &mut passkey).await, "it opens while it is disputed");
    app.set_password_by_mail(&email, NEW).await;
    let (browser, to) = sign_in(&app, &email, NEW).await;
    assert_eq!(to, "/login/factor");
    assert!(!browser.get("/login/factor").await.body.contains("data-options"), "nothing to show");
    // Only together with the previous password does it work.
    app.advance(Duration::minutes(30));
    let (owner, answer) = take_back(&app, &link, &[("password", PASSWORD)]).await;
    answer.expect_redirect("/password/reset");
    let third = "a third password, of the owner";
    owner.post("/password/reset", &[("password", third)]).await.expect_redirect("/login");
    assert_eq!(sign_in(&app, &email, third).await.1, "/");
    assert!(!opens_with_passkey(&app, &mut passkey).await);
}

async fn half_way(app: &TestApp, email: &str, password: &str) -> Browser {
    let (browser, to) = sign_in(app, email, password).await;
    assert_eq!(to, "/login/factor");
    browser
}

#[tokio::test]
async fn what_an_intruder_removed_or_replaced_comes_back() {
    let (app, ada) = settled().await;
    let email = email_of(ADA);
    let (phone, codes) = set_up(&app, &ada, "Phone").await;
    later(&app).await;
    let intruder = half_way(&app, &email, PASSWORD).await;
    intruder.post("/login/factor", &[("code", &phone.next(&app))]).await.expect_redirect("/");
    soon(&app);
    // New codes, a new app, the owner's removed, and another password.
    intruder.post("/account/security/recovery-codes", &[]).await.expect(200);
    let link = not_me(&app, &email).await;
    soon(&app);
    let (burner, _) = set_up(&app, &intruder, "Burner").await;
    let page = intruder.get("/account/security").await;
    let removes = page.attributes("a[href$='/remove']", "href");
    intruder.post(&removes[0], &[]).await.expect_redirect("/account/security");
    let fields = [("current_password", PASSWORD), ("password", "the password of Eve now")];
    intruder.post("/account/password", &fields).await.expect_redirect("/account/password");
    app.work().await;

    let (_, wrong) = take_back(&app, &link, &[("password", "the password of Eve now")]).await;
    wrong.expect(422);
    let (owner, answer) = take_back(&app, &link, &[("password", PASSWORD)]).await;
    answer.expect_redirect("/password/reset");
    owner.post("/password/reset", &[("password", NEW)]).await.expect_redirect("/login");
    assert_eq!(sign_in(&app, &email, "the password of Eve now").await.1, "");
    let owner = half_way(&app, &email, NEW).await;
    owner.post("/login/factor", &[("code", &burner.next(&app))]).await.expect(422);
    owner.post("/login/factor", &[("code", &phone.code(&app, 0))]).await.expect_redirect("/");
    let other = half_way(&app, &email, NEW).await;
    other.post("/login/factor", &[("code", &codes[0])]).await.expect_redirect("/");
    app.work().await;
}

#[tokio::test]
async fn a_link_works_for_72_hours_and_once_and_no_look_at_it_changes_anything() {
    let (app, ada) = settled().await;
    let email = email_of(ADA);
    add_passkey(&ada).await;
    let link = not_me(&app, &email).await;
    let before = Snapshot::take(&app).await;
    for method in ["GET", "HEAD", "OPTIONS"] {
        let browser = app.browser();
        browser.send(browser.request(method, &link)).await;
    }
    before.expect_unmoved(&app).await;
    let tries = (0..6).map(|_| {
        let (browser, link) = (app.browser(), link.clone());
        async move { browser.post(&link, &[("password", PASSWORD)]).await.status.as_u16() }
    });
    let mut answers = join_all(tries).await;
    answers.sort_unstable();
    assert_eq!(answers, [303, 410, 410, 410, 410, 410]);
    app.work().await;

    app.set_password_by_mail(&email, PASSWORD).await;
    let link = not_me(&app, &email).await;
    app.advance(Duration::hours(72));
    for answer in [app.browser().get(&link).await, app.browser().post(&link, &[]).await] {
        let page = answer.expect(410);
        assert!(page.text("main").contains("72 hours"), "{}", page.body);
    }
    app.browser().get("/not-me/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await.expect(404);
    tenantry::workers::tidy(&app.app).await;
    app.advance(Duration::hours(73));
    tenantry::workers::tidy(&app.app).await;
    for table in ["account_acts", "former_passwords"] {
        assert_eq!(app.database.number(&format!("select count(*) from {table}")).await, 0);
    }
}

#[tokio::test]
async fn a_link_that_was_copied_ends_things_and_opens_none() {
    let (app, ada) = settled().await;
    let email = email_of(ADA);
    let fields = [("current_password", PASSWORD), ("password", NEW)];
    ada.post("/account/password", &fields).await.expect_redirect("/account/password");
    let link = not_me(&app, &email).await;
    let (thief, answer) = take_back(&app, &link, &[]).await;
    answer.expect_redirect("/login");
    thief.get("/password/reset").await.expect(410);
    ada.get("/account").await.expect(303);
    for password in [PASSWORD, NEW] {
        assert_eq!(sign_in(&app, &email, password).await.1, "", "{password}");
    }
    let mail = app.last_mail(&email).await;
    assert!(mail.subject.contains("taken back") && mail.text.contains("127.0.0.1"), "{mail:?}");
    app.set_password_by_mail(&email, NEW).await;
    assert_eq!(sign_in(&app, &email, NEW).await.1, "/");
}

#[tokio::test]
async fn an_address_that_nobody_proved_disputes_nothing() {
    let app = TestApp::spawn().await;
    let ada = app.unproved_founder(ADA, "Acme").await;
    let fields = [("current_password", PASSWORD), ("password", NEW)];
    ada.post("/account/password", &fields).await.expect_redirect("/account/password");
    let mail = app.last_mail(&email_of(ADA)).await;
    assert!(!mail.text.contains("/not-me/") && mail.text.contains("/password/forgot"), "{mail:?}");
}

#[tokio::test]
async fn a_stolen_session_that_did_not_show_again_who_it_is_adds_no_way_in() {
    let (app, ada) = settled().await;
    app.advance(Duration::minutes(11));
    for path in ["/account/security/totp", "/account/security/recovery-codes", "/account/email"] {
        let to = ada.post(path, &[]).await.expect(303).location().unwrap();
        assert!(to.starts_with("/account/confirm"), "{path}: {to}");
    }
    let to = ada.get("/account/security/passkeys/new").await.expect(303).location().unwrap();
    assert!(to.starts_with("/account/confirm"), "{to}");
    // Even with a new app, somebody who does not know the password cannot change it.
    let ada = app.sign_in(ADA).await;
    let fields = [("current_password", "a guess of a stranger"), ("password", NEW)];
    ada.post("/account/password", &fields).await.expect(422);
    app.work().await;
}

#[tokio::test]
async fn an_authenticator_recovery_codes_or_a_known_browser_open_nothing_alone() {
    let (app, ada) = settled().await;
    let email = email_of(ADA);
    let (phone, codes) = set_up(&app, &ada, "Phone").await;
    // The browser is known and signed out; it has neither password nor session.
    ada.post("/logout", &[]).await.expect_redirect("/login");
    for code in [&phone.next(&app), &codes[0]] {
        ada.post("/login/factor", &[("code", code)]).await.expect_redirect("/login");
        ada.post("/login", &[("email", &email), ("password", code)]).await.expect(422);
    }
    ada.get("/account").await.expect(303);
    // The password alone does not open it either.
    assert_eq!(sign_in(&app, &email, PASSWORD).await.1, "/login/factor");
    app.work().await;
}

#[tokio::test]
async fn an_intruders_own_link_neither_undoes_nor_stops_what_the_owner_takes_back() {
    let (app, ada) = settled().await;
    let email = email_of(ADA);
    drop(ada);
    let intruder = app.sign_in(ADA).await;
    set_up(&app, &intruder, "Burner").await;
    let link = not_me(&app, &email).await;
    change_address(&app, &intruder, EVE).await;
    intruder.post("/account/security/recovery-codes", &[]).await.expect(200);
    let eves = not_me(&app, EVE).await;
    // Guesses with one link do not count for the holder of another.
    for _ in 0..10 {
        take_back(&app, &eves, &[("password", "a guess of Eve's")]).await.1.expect(422);
    }
    take_back(&app, &eves, &[("password", "a guess of Eve's")]).await.1.expect(429);
    take_back(&app, &link, &[("password", "a slip of Ada's")]).await.1.expect(422);
    let (_, answer) = take_back(&app, &link, &[("forgotten", "1")]).await;
    answer.expect_redirect("/login");
    app.advance(Duration::minutes(30));
    for fields in [[("forgotten", "1")], [("password", PASSWORD)]] {
        take_back(&app, &eves, &fields).await.1.expect(410);
    }
    assert_eq!(app.database.texts("select email from users").await, [email.as_str()]);
    // The owner's own link still works, for when they remember.
    let (owner, answer) = take_back(&app, &link, &[("password", PASSWORD)]).await;
    answer.expect_redirect("/password/reset");
    owner.post("/password/reset", &[("password", NEW)]).await.expect_redirect("/login");
    assert_eq!(sign_in(&app, &email, NEW).await.1, "/");
}
