//! Changing the address of an account: nothing changes before the new one is confirmed, and the old
//! one can undo it. Names contain the requirement of ASVS 5.0 that they cover.

use futures_util::future::join_all;
use time::Duration;

use crate::support::{Browser, PASSWORD, TestApp, email_of};

const ADA: &str = "Ada Lovelace";
const NEW: &str = "countess@example.test";

/// Ada, with a confirmed address.
async fn ada(app: &TestApp) -> Browser {
    app.founder(ADA, "Acme").await
}

/// Requests the new address, and returns the link that was sent there.
async fn ask(app: &TestApp, browser: &Browser, email: &str) -> String {
    browser.post("/account/email", &[("email", email)]).await.expect_redirect("/account#email");
    app.last_mail(email).await.link("/email/")
}

async fn signs_in(app: &TestApp, email: &str) -> bool {
    let answer = app.browser().post("/login", &[("email", email), ("password", PASSWORD)]).await;
    app.work().await;
    answer.status.as_u16() == 303
}

#[tokio::test]
async fn an_address_changes_once_its_link_is_confirmed_and_not_before() {
    let app = TestApp::spawn().await;
    let ada = ada(&app).await;
    let old = email_of(ADA);
    let link = ask(&app, &ada, NEW).await;
    let stranger = app.browser();
    let page = stranger.get(&link).await.expect(200);
    assert!(page.text("main").contains(NEW), "{}", page.body);
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert!(signs_in(&app, &old).await && !signs_in(&app, NEW).await, "looking changes nothing");
    // Opening it in another browser does not give the address away.
    let again = stranger.post(&link, &[]).await.expect(303).location().unwrap();
    assert!(again.starts_with("/email/link/"), "{again}");
    assert_eq!(page.count("main form"), 0, "{}", page.body);
    assert!(signs_in(&app, &old).await && !signs_in(&app, NEW).await);
    ada.get(&link).await.expect(200);
    ada.post(&link, &[]).await.expect_redirect("/");
    assert!(signs_in(&app, NEW).await && !signs_in(&app, &old).await);
    stranger.post(&link, &[]).await.expect(410);
    let page = ada.get("/account").await.expect(200);
    assert!(page.body.contains(NEW) && page.body.contains("Confirmed"), "{}", page.body);
    let notice = app.last_mail(&old).await;
    assert!(notice.text.contains(NEW), "{}", notice.text);
    let dump = app.dump().await;
    for action in ["account.address_change_asked", "account.address_changed"] {
        assert!(dump.contains(action), "{action}");
        let actor = format!("select actor_kind from audit_log where action = '{action}'");
        assert_eq!(app.database.texts(&actor).await, ["person"], "{action}");
    }
    let token = link.rsplit('/').next().unwrap();
    assert!(!dump.contains(token), "a token is readable in the database");
}

#[tokio::test]
async fn bad_addresses_and_the_present_one_are_refused_and_kept() {
    let app = TestApp::spawn().await;
    let ada = ada(&app).await;
    for typed in ["", "nobody", &email_of(ADA)] {
        let page = ada.post("/account/email", &[("email", typed)]).await.expect(422);
        assert_ne!(page.text("#email-error"), "", "{typed}");
        assert_eq!(page.attribute("#email", "value"), typed);
    }
}

#[tokio::test]
async fn asvs_7_5_1_the_address_is_changed_only_right_after_signing_in() {
    let app = TestApp::spawn().await;
    let ada = ada(&app).await;
    app.advance(Duration::minutes(11));
    for answer in
        [ada.get("/account/email").await, ada.post("/account/email", &[("email", NEW)]).await]
    {
        answer.expect_step_up();
    }
    app.work().await;
    assert!(app.mail.delivered_to(NEW).is_empty());
}

#[tokio::test]
async fn asvs_6_3_8_a_taken_address_gets_the_same_answer_and_its_owner_a_mail() {
    let app = TestApp::spawn().await;
    let ada = ada(&app).await;
    app.founder("Grace Hopper", "Globex").await;
    let grace = email_of("Grace Hopper");
    let taken = ada.submit("/account/email", &[("email", &grace)]).await.expect(200);
    let free = ada.submit("/account/email", &[("email", NEW)]).await.expect(200);
    let lasting = |page: &crate::support::Answer, email: &str| page.lasting().replace(email, "");
    assert_eq!(lasting(&taken, &grace), lasting(&free, NEW));
    let mail = app.last_mail(&grace).await;
    assert!(mail.text.contains("nothing has changed"), "{}", mail.text);
    assert!(!mail.text.contains("/email/"), "no link");
}

#[tokio::test]
async fn only_the_newest_link_works_for_a_day_and_five_are_sent_in_an_hour() {
    let app = TestApp::spawn().await;
    let ada = ada(&app).await;
    let first = ask(&app, &ada, "one@example.test").await;
    let second = ask(&app, &ada, "two@example.test").await;
    app.browser().post(&first, &[]).await.expect(410);
    for nth in 3..=5 {
        ask(&app, &ada, &format!("{nth}@example.test")).await;
    }
    ada.post("/account/email", &[("email", NEW)]).await.expect(422);
    app.browser().post(&second, &[]).await.expect(410);
    app.advance(Duration::hours(1) + Duration::seconds(1));
    let ada = app.sign_in(ADA).await;
    let last = ask(&app, &ada, NEW).await;
    app.advance(Duration::hours(24));
    app.browser().post(&last, &[]).await.expect(410);
    assert!(signs_in(&app, &email_of(ADA)).await);
}

#[tokio::test]
async fn of_many_who_confirm_at_the_same_time_one_succeeds() {
    let app = TestApp::spawn().await;
    let ada = ada(&app).await;
    let link = ask(&app, &ada, NEW).await;
    let tries = (0..6).map(|_| {
        let (browser, link) = (ada.clone(), link.clone());
        async move { browser.post(&link, &[]).await.status.as_u16() }
    });
    let mut answers = join_all(tries).await;
    answers.sort_unstable();
    assert_eq!(answers, [303, 410, 410, 410, 410, 410]);
    app.work().await;
    assert_eq!(app.mail.delivered_to(&email_of(ADA)).len(), 2, "a welcome and one notice");
}

#[tokio::test]
async fn the_old_address_takes_the_change_back_whatever_came_after_it() {
    let app = TestApp::spawn().await;
    let ada = ada(&app).await;
    let old = email_of(ADA);
    let stranger = app.browser();
    let link = ask(&app, &ada, NEW).await;
    ada.post(&link, &[]).await.expect_redirect("/");
    let undo = app.last_mail(&old).await.link("/not-me/");
    let link = ask(&app, &ada, "third@example.test").await;
    ada.post(&link, &[]).await.expect_redirect("/");
    let later_undo = app.last_mail(NEW).await.link("/not-me/");
    stranger.post("/password/forgot", &[("email", "third@example.test")]).await.expect(303);
    let reset = app.last_mail("third@example.test").await.link("/password/reset/");
    let open = ask(&app, &ada, "fourth@example.test").await;

    // Nobody else can get the old address meanwhile.
    let thief = [("name", "Eve"), ("email", &old), ("password", PASSWORD), ("organization", "Eve")];
    stranger.post("/signup", &thief).await.expect(303);
    assert_eq!(app.database.number("select count(*) from users").await, 1);

    stranger.get(&undo).await.expect(200);
    ada.get("/account").await.expect(200);
    stranger.post(&undo, &[]).await.expect_redirect("/login");
    ada.get("/account").await.expect(303);
    assert!(!signs_in(&app, &old).await && !signs_in(&app, "third@example.test").await);
    app.set_password_by_mail(&old, PASSWORD).await;
    assert!(signs_in(&app, &old).await, "with a password that was set by mail");
    for dead in [&undo, &later_undo, &open] {
        stranger.post(dead, &[]).await.expect(410);
    }
    stranger.get(&reset).await.expect(410);
    assert!(app.dump().await.contains("account.address_restored"));
}

#[tokio::test]
async fn a_change_can_be_taken_back_for_72_hours() {
    let app = TestApp::spawn().await;
    let ada = ada(&app).await;
    let link = ask(&app, &ada, NEW).await;
    ada.post(&link, &[]).await.expect_redirect("/");
    let undo = app.last_mail(&email_of(ADA)).await.link("/not-me/");
    app.advance(Duration::hours(72));
    app.browser().get(&undo).await.expect(410);
    app.browser().post(&undo, &[]).await.expect(410);
    assert!(signs_in(&app, NEW).await);
}

#[tokio::test]
async fn an_address_that_was_never_proved_is_told_and_cannot_take_the_account() {
    let app = TestApp::spawn().await;
    let ada = app.unproved_founder(ADA, "Acme").await;
    let link = ask(&app, &ada, NEW).await;
    ada.post(&link, &[]).await.expect_redirect("/");
    let notice = app.last_mail(&email_of(ADA)).await;
    assert!(notice.text.contains(NEW) && !notice.text.contains("undo"), "{}", notice.text);
}

/// Sends a form in the background.
fn send(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> tokio::task::JoinHandle<u16> {
    let (browser, path) = (browser.clone(), path.to_owned());
    let fields: Vec<_> = fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    tokio::spawn(async move {
        let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        browser.post(&path, &fields).await.status.as_u16()
    })
}

/// Blocks a change just before its end, on PostgreSQL; on SQLite, before it begins.
const STOP: &str = "update audit_chains set sequence = sequence";

#[tokio::test]
async fn nobody_gets_an_address_in_the_moment_in_which_somebody_leaves_it() {
    let app = TestApp::spawn().await;
    let old = email_of(ADA);
    // Grace asks for the address before Ada has it.
    let grace = app.founder("Grace Hopper", "Globex").await;
    let graces = ask(&app, &grace, &old).await;
    let ada = ada(&app).await;
    let link = ask(&app, &ada, NEW).await;
    let stop = app.database.hold(STOP).await;
    let change = send(&ada, &link, &[]);
    app.database.wait_until_waiting(1).await;
    let thief = [("name", "Eve"), ("email", &old), ("password", PASSWORD), ("organization", "Eve")];
    let signup = send(&app.browser(), "/signup", &thief);
    let other = send(&grace, &graces, &[]);
    app.database.wait_until_waiting(3).await;
    stop.let_go().await;
    let answers = (change.await.unwrap(), signup.await.unwrap(), other.await.unwrap());
    assert_eq!(answers, (303, 303, 410));
    let holders = format!("select count(*) from users where email = '{old}'");
    assert_eq!(app.database.number(&holders).await, 0, "somebody has the address");
    assert_eq!(app.database.number("select count(*) from users").await, 2);
    let undo = app.last_mail(&old).await.link("/not-me/");
    app.browser().post(&undo, &[]).await.expect(303);
    app.set_password_by_mail(&old, PASSWORD).await;
    assert!(signs_in(&app, &old).await);
    app.work().await;
}

#[tokio::test]
async fn nobody_gets_an_address_in_the_moment_in_which_it_is_taken_back() {
    let app = TestApp::spawn().await;
    let ada = ada(&app).await;
    let old = email_of(ADA);
    let link = ask(&app, &ada, NEW).await;
    ada.post(&link, &[]).await.expect(303);
    let undo = app.last_mail(&old).await.link("/not-me/");
    let stop = app.database.hold(STOP).await;
    let undone = send(&app.browser(), &undo, &[]);
    app.database.wait_until_waiting(1).await;
    let thief = [("name", "Eve"), ("email", &old), ("password", PASSWORD), ("organization", "Eve")];
    let signup = send(&app.browser(), "/signup", &thief);
    app.database.wait_until_waiting(2).await;
    stop.let_go().await;
    assert_eq!((undone.await.unwrap(), signup.await.unwrap()), (303, 303));
    assert_eq!(app.database.texts("select email from users").await, std::slice::from_ref(&old));
    app.set_password_by_mail(&old, PASSWORD).await;
    assert!(signs_in(&app, &old).await);
    app.work().await;
}

#[tokio::test]
async fn an_address_that_another_account_has_meanwhile_is_not_taken_back() {
    let app = TestApp::spawn().await;
    let ada = ada(&app).await;
    let link = ask(&app, &ada, NEW).await;
    ada.post(&link, &[]).await.expect(303);
    let undo = app.last_mail(&email_of(ADA)).await.link("/not-me/");
    app.founder("Grace Hopper", "Globex").await;
    let taken = format!("update users set email = '{}' where name = 'Grace Hopper'", email_of(ADA));
    app.database.execute(&taken).await.unwrap();
    let page = app.browser().post(&undo, &[]).await.expect(410);
    assert!(
        page.text("main").contains("Another account already uses this email address"),
        "{}",
        page.body
    );
    assert!(signs_in(&app, NEW).await, "nothing has changed");
}

#[tokio::test]
async fn a_change_that_waits_is_shown_on_the_account_and_called_off_there() {
    let app = TestApp::spawn().await;
    let ada = ada(&app).await;
    assert_eq!(ada.get("/account").await.count("#pending-email"), 0);
    let link = ask(&app, &ada, NEW).await;
    let page = ada.get("/account").await.expect(200);
    assert!(page.text("#pending-email").contains(NEW), "{}", page.body);
    let call_off = page.attribute("#pending-email form", "action");
    ada.post(&call_off, &[]).await.expect_redirect("/account#email");
    let page = ada.get("/account").await.expect(200);
    assert_eq!(page.count("#pending-email"), 0, "{}", page.body);
    assert!(page.text(".toast").contains("is still"), "{}", page.body);
    let gone = app.browser().get(&link).await.expect(410);
    assert!(gone.text("main").contains("This change was cancelled"), "{}", gone.body);
    ada.post(&call_off, &[]).await.expect_redirect("/account#email");
    app.work().await;
    let recorded =
        "select count(*) from audit_log where action = 'account.address_change_called_off'";
    assert_eq!(app.database.number(recorded).await, 1);

    // A request that was not confirmed in time is not shown as open.
    ask(&app, &ada, NEW).await;
    app.advance(Duration::hours(25));
    let ada = app.sign_in(ADA).await;
    assert_eq!(ada.get("/account").await.count("#pending-email"), 0);
}
