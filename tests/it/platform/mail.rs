//! The outbox: emails are sent once, retried, never delay a request, and are never readable at
//! rest.

use std::time::{Duration as StdDuration, Instant};

use tenantry::workers;
use time::Duration;

use crate::support::{Browser, Mood, TestApp};

#[tokio::test]
async fn a_slow_or_absent_mail_server_never_slows_a_request() {
    let app = TestApp::spawn().await;
    app.mail.set_mood(Mood::Silent(StdDuration::from_secs(30)));
    let browser = app.browser();
    let fields = [
        ("name", "Ada"),
        ("email", "ada@example.test"),
        ("password", crate::support::PASSWORD),
        ("organization", "Acme"),
    ];
    let started = Instant::now();
    browser.post("/signup", &fields).await.expect(303);
    assert!(started.elapsed() < StdDuration::from_secs(10), "it did not wait for the server");
    app.mail.set_mood(Mood::Friendly);
    app.work().await;
}

#[tokio::test]
async fn a_mail_that_is_refused_for_now_is_tried_again_with_the_same_message_id() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    app.mail.set_mood(Mood::Refusing("451 4.3.0 come back later"));
    ada.post("/orgs/acme/invitations", &[("email", "n@example.test"), ("role", "viewer")]).await;
    app.work().await;
    let ids = app.database.texts("select message_id from outbox where status = 'queued'").await;
    let page = ada.get("/orgs/acme/members?q=n@example").await;
    assert!(page.text("tbody tr").contains("come back later"), "{}", page.text("tbody tr"));
    app.mail.set_mood(Mood::Friendly);
    app.work().await;
    assert_eq!(app.mail.delivered_to("n@example.test").len(), 0, "not before its time");
    app.advance(Duration::seconds(11));
    app.work().await;
    let mails = app.mail.delivered_to("n@example.test");
    assert_eq!(mails.len(), 1);
    assert_eq!(format!("<{}>", mails[0].message_id), ids[0]);
    app.advance(Duration::days(2));
    app.work().await;
    assert_eq!(app.mail.delivered_to("n@example.test").len(), 1, "sent once");
}

#[tokio::test]
async fn a_mail_that_is_never_taken_fails_after_a_day_of_tries() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    app.mail.set_mood(Mood::Refusing("451 4.3.0 come back later"));
    ada.post("/orgs/acme/invitations", &[("email", "n@example.test"), ("role", "viewer")]).await;
    for _ in 0..10 {
        app.work().await;
        app.advance(Duration::hours(13));
    }
    let tries = "select attempts from outbox where status = 'failed'";
    assert_eq!(app.database.number(tries).await, 8);
}

#[tokio::test]
async fn a_worker_that_died_leaves_its_mail_to_the_next_with_the_same_message_id() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    ada.post("/orgs/acme/invitations", &[("email", "n@example.test"), ("role", "viewer")]).await;
    let keep = "create table kept as select id, sealed from outbox where status = 'queued'";
    app.database.execute(keep).await.unwrap();
    app.work().await;
    // It was sent, but the process ended before marking it: only the lease remains.
    let unmark = "update outbox set status = 'queued', sent_at = null,
        sealed = (select sealed from kept where kept.id = outbox.id) where id in (select id from kept)";
    app.database.execute(unmark).await.unwrap();
    app.work().await;
    assert_eq!(app.mail.delivered_to("n@example.test").len(), 1, "the lease holds");
    app.advance(Duration::minutes(3));
    app.work().await;
    let mails = app.mail.delivered_to("n@example.test");
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].message_id, mails[1].message_id);
}

#[tokio::test]
async fn asvs_1_2_1_hostile_names_break_no_header_and_no_markup() {
    let app = TestApp::spawn().await;
    let browser = app.browser();
    let fields = [
        ("name", "<img src=x onerror=alert(1)> \"Ada\""),
        ("email", "ada@example.test"),
        ("password", crate::support::PASSWORD),
        ("organization", "=?utf-8?q?x?= <b>Acme</b>, Inc."),
    ];
    let page = browser.submit("/signup", &fields).await.expect(200);
    assert!(!page.body.contains("<img src=x") && !page.body.contains("<b>Acme"));
    let link = app.last_mail("ada@example.test").await.link("/verify/");
    browser.post(&link, &[]).await.expect(303);
    let slug = page.path.clone();
    app.trust("Ada").await;
    let fields = [
        ("email", "n@example.test"),
        ("role", "viewer"),
        ("message", "<script>x</script>\nline two"),
    ];
    browser.post(&format!("{slug}/invitations"), &fields).await.expect(303);
    let mail = app.last_mail("n@example.test").await;
    assert!(!mail.html.contains("<img src=x") && !mail.html.contains("<script>x"), "{}", mail.html);
    assert!(mail.text.contains("<script>x</script>"), "text is text");
    assert!(mail.subject.contains("<b>Acme</b>, Inc."), "{}", mail.subject);
    let headers = mail.raw.split("\r\n\r\n").next().unwrap();
    assert_eq!(headers.matches("To: ").count(), 1, "{headers}");
}

#[tokio::test]
async fn asvs_11_4_1_nothing_usable_lies_readable_in_the_database() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    ada.post("/orgs/acme/invitations", &[("email", "n@example.test"), ("role", "viewer")]).await;
    let id = app.row_id(&ada, "acme", "n@example.test").await;
    let page = ada.get(&format!("/orgs/acme/invitations/{id}/link")).await.expect(200);
    let url = page.attribute("#link", "value");
    let token = url.rsplit('/').next().unwrap().to_owned();
    app.browser()
        .post("/password/forgot", &[("email", "ada.lovelace@example.test")])
        .await
        .expect(303);
    app.work().await;
    let reset =
        app.mail.delivered_to("ada.lovelace@example.test").pop().unwrap().link("/password/reset/");
    let stash = app.browser();
    stash.get(&reset).await.expect(303);
    let reset = reset.rsplit('/').next().unwrap().to_owned();
    let session = app.browser();
    let fields = [("email", "ada.lovelace@example.test"), ("password", crate::support::PASSWORD)];
    let cookie = session.post("/login", &fields).await.header("set-cookie").to_owned();
    let session = cookie.split(['=', ';']).nth(1).unwrap().to_owned();

    let dump = app.dump().await;
    assert!(dump.contains("n@example.test"), "the dump holds the rows");
    for (what, secret) in [
        ("the invitation's token", token.as_str()),
        ("the reset token", reset.as_str()),
        ("the session's id", session.as_str()),
        ("the password", crate::support::PASSWORD),
    ] {
        assert!(!dump.contains(secret), "{what} lies in the database");
    }
    app.work().await;
}

#[tokio::test]
async fn the_mailbox_exists_only_without_a_mail_server_and_on_loopback() {
    let with_server = TestApp::spawn().await;
    with_server.browser().get("/dev/mailbox").await.expect(404);

    let development = TestApp::spawn_with(|config| config.without_smtp()).await;
    development.founder("Ada Lovelace", "Acme").await;
    let page = development.browser().get("/dev/mailbox").await.expect(200);
    assert_eq!(page.count(".mail-list li"), 1);
    development.database.execute("update outbox set sealed = null").await.unwrap();

    let url = "https://tenantry.example.test".parse().unwrap();
    let public = TestApp::spawn_with(|config| config.without_smtp().with_base_url(url)).await;
    public.browser().get("/dev/mailbox").await.expect(404);
    public.browser().get("/dev/mailbox/00000000-0000-0000-0000-000000000000").await.expect(404);
}

#[tokio::test]
async fn without_a_mail_server_the_row_says_so_and_the_link_can_be_handed_over() {
    let url = "http://tenantry.example.test".parse().unwrap();
    let app = TestApp::spawn_with(|config| config.without_smtp().with_base_url(url)).await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let fields = [("email", "n@example.test"), ("role", "viewer")];
    ada.post("/orgs/acme/invitations", &fields).await.expect(303);
    app.work().await;
    let row = ada.get("/orgs/acme/members?q=n@example").await.text("tbody tr");
    assert!(row.contains("Email failed") && row.contains("no mail server is configured"), "{row}");
    let id = app.row_id(&ada, "acme", "n@example").await;
    let page = ada.get(&format!("/orgs/acme/invitations/{id}/link")).await.expect(200);
    let link = url::Url::parse(&page.attribute("#link", "value")).unwrap();
    let fields = [("name", "Nia"), ("password", crate::support::PASSWORD)];
    let accept = format!("{}/accept", link.path());
    app.browser().post(&accept, &fields).await.expect_redirect("/orgs/acme");
    app.work().await;
}

#[tokio::test]
async fn a_mail_server_that_says_nothing_holds_up_one_mail_and_not_the_others() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    app.mail.set_mood(Mood::Silent(StdDuration::from_secs(600)));
    ada.post("/orgs/acme/invitations", &[("email", "n@example.test"), ("role", "viewer")]).await;
    app.work().await;
    let row = ada.get("/orgs/acme/members?q=n@example").await.text("tbody tr");
    assert!(row.contains("does not respond"), "{row}");
    app.mail.set_mood(Mood::Friendly);
    app.advance(Duration::seconds(11));
    app.work().await;
    assert_eq!(app.mail.delivered_to("n@example.test").len(), 1);
}

#[tokio::test]
async fn a_recipient_whose_server_hangs_delays_no_other_mail() {
    let app =
        TestApp::spawn_with(|config| config.with_smtp_timeout(StdDuration::from_secs(20))).await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    app.mail.set_mood(Mood::HangingFor("@slow.test"));
    let workers = workers::start(&app.app);
    ada.post("/orgs/acme/invitations", &[("email", "n@slow.test"), ("role", "viewer")]).await;
    app.mail.asked_for("@slow.test", 1).await;
    ada.post("/orgs/acme/invitations", &[("email", "n@example.test"), ("role", "viewer")]).await;
    app.mail.asked_for("n@example.test", 1).await;
    let held = "select count(*) from outbox where recipient = 'n@slow.test' and error is null
        and status = 'queued' and claimed_at is not null";
    assert_eq!(app.database.number(held).await, 1, "the slow one is still under way");
    drop(workers);
}

#[tokio::test]
async fn an_organization_whose_mails_all_hang_holds_up_neither_others_nor_a_reset() {
    let app =
        TestApp::spawn_with(|config| config.with_smtp_timeout(StdDuration::from_secs(20))).await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let grace = app.founder("Grace Hopper", "Globex").await;
    app.mail.set_mood(Mood::HangingFor("@slow.test"));
    let workers = workers::start(&app.app);
    invite_many(&ada, "acme", 40, "slow.test").await;
    app.mail.asked_for("@slow.test", 1).await;
    invite_many(&grace, "globex", 1, "example.test").await;
    app.mail.asked_for("p0@example.test", 1).await;
    let browser = app.browser();
    browser.post("/password/forgot", &[("email", "ada.lovelace@example.test")]).await.expect(303);
    let subject = "Set a new password";
    for _ in 0..1000 {
        let mails = app.mail.delivered_to("ada.lovelace@example.test");
        if mails.iter().any(|mail| mail.subject == subject) {
            break;
        }
        tokio::time::sleep(StdDuration::from_millis(10)).await;
    }
    let reset = app.mail.delivered_to("ada.lovelace@example.test").pop().unwrap();
    assert_eq!(reset.subject, subject);
    let asked = "select count(*) from outbox where attempts > 0 and recipient like '%@slow.test'";
    assert!(app.database.number(asked).await <= 6, "one organization has its share of the slots");
    drop(workers);
    app.mail.set_mood(Mood::Friendly);
    app.advance(Duration::minutes(3));
    app.work().await;
}

#[tokio::test]
async fn a_long_list_of_one_organization_takes_turns_with_others_and_lets_resets_by() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let grace = app.founder("Grace Hopper", "Globex").await;
    invite_many(&ada, "acme", 100, "long.test").await;
    app.advance(Duration::seconds(5));
    invite_many(&grace, "globex", 1, "example.test").await;
    let browser = app.browser();
    browser.post("/password/forgot", &[("email", "ada.lovelace@example.test")]).await.expect(303);
    let before = app.mail.count();
    app.work().await;
    let order: Vec<String> =
        app.mail.delivered().into_iter().skip(before).map(|mail| mail.to).collect();
    assert_eq!(order.len(), 102);
    let place = |to: &str| order.iter().position(|other| other == to).unwrap();
    assert!(place("ada.lovelace@example.test") < 20, "{order:?}");
    assert!(place("p0@example.test") < 30, "{order:?}");
}

/// Invites `count` people with addresses in `domain`.
async fn invite_many(inviter: &Browser, slug: &str, count: usize, domain: &str) {
    let addresses: Vec<String> = (0..count).map(|number| format!("p{number}@{domain}")).collect();
    let fields = [("email", addresses.join("\n")), ("role", "viewer".to_owned())];
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = inviter.post(&format!("/orgs/{slug}/invitations"), &fields).await;
    assert!(answer.status.is_success() || answer.status.is_redirection(), "{}", answer.body);
}

#[tokio::test]
async fn an_address_that_the_mail_server_cannot_write_fails_at_once_in_words() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    ada.post("/orgs/acme/invitations", &[("email", "jörg@example.test"), ("role", "viewer")]).await;
    app.work().await;
    let row = ada.get("/orgs/acme/members?q=example.test&kind=invitations").await;
    let row = row.texts("tbody tr").into_iter().find(|row| row.contains("jörg")).unwrap();
    assert!(row.contains("Email failed") && row.contains("letters like ö"), "{row}");
    assert!(!row.contains("internal client error"), "{row}");
    let failed = "select attempts from outbox where status = 'failed'";
    assert_eq!(app.database.number(failed).await, 1, "it is not tried again");
}

#[tokio::test]
async fn only_what_is_before_the_at_needs_a_server_that_takes_all_letters() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    ada.post("/orgs/acme/invitations", &[("email", "n@bücher.example"), ("role", "viewer")]).await;
    app.work().await;
    assert_eq!(app.mail.delivered_to("n@xn--bcher-kva.example").len(), 1);
    app.mail.set_mood(Mood::Worldly);
    ada.post("/orgs/acme/invitations", &[("email", "jörg@example.test"), ("role", "viewer")]).await;
    app.work().await;
    assert_eq!(app.mail.delivered_to("jörg@example.test").len(), 1);
}

#[tokio::test]
async fn every_mail_says_that_a_program_wrote_it() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    app.member(&ada, "acme", "Grace Hopper", "member").await;
    let browser = app.browser();
    browser.post("/password/forgot", &[("email", "ada.lovelace@example.test")]).await.expect(303);
    app.work().await;
    let mails = app.mail.delivered();
    assert!(mails.len() >= 4);
    for mail in mails {
        let head = mail.raw.split("\r\n\r\n").next().unwrap();
        assert_eq!(head.matches("\r\nAuto-Submitted: auto-generated").count(), 1, "{head}");
        assert_eq!(head.matches("\r\nX-Auto-Response-Suppress: ").count(), 1, "{head}");
    }
}
