//! The outbox: sent once, tried again, never in a request's way, never readable at rest.

use std::time::{Duration as StdDuration, Instant};

use time::Duration;

use crate::support::{Mood, TestApp};

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
    let tries = "select attempts from outbox where status = 'failed' and sealed is null";
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
    // It was sent, and the process ended before it was marked: only the lease is left of it.
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
    assert!(row.contains("Mail failed") && row.contains("no mail server is configured"), "{row}");
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
    assert!(row.contains("does not answer"), "{row}");
    app.mail.set_mood(Mood::Friendly);
    app.advance(Duration::seconds(11));
    app.work().await;
    assert_eq!(app.mail.delivered_to("n@example.test").len(), 1);
}
