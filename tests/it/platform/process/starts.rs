//! Starts: the first, that of the demonstration, and those after a kill.

use crate::support::service::{ADA, Service, confirm_address, wait_for_mail};
use crate::support::{TestDatabase, is_of_the_session};

#[tokio::test]
async fn a_fresh_start_needs_nothing_and_mail_lands_in_the_mailbox() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Service::start(folder.path(), &[], None);
    assert!(
        service.printed.iter().any(|line| line.ends_with("/dev/mailbox")),
        "{:?}",
        service.printed
    );
    assert!(folder.path().join("data/tenantry.db").exists());
    let browser = service.browser();
    let page = browser.submit("/signup", &ADA).await.expect(200);
    assert_eq!(page.path, "/orgs/acme");
    let mailbox = wait_for_mail(&browser, 1).await;
    assert_eq!(mailbox.text(".mail-to"), "To ada@example.test");
    let mail = mailbox.attribute("a.mail-link", "href");
    let shown = browser.get(&mail).await.expect(200);
    assert!(shown.text(".mail-text").contains("/verify/"));
    let html = browser.get(&shown.attribute("iframe", "src")).await.expect(200);
    assert!(html.header("content-security-policy").contains("sandbox"));
    assert!(html.body.contains("/verify/"));
    assert!(service.terminate().success(), "it ends in order when it is asked to");
}

#[tokio::test]
async fn the_demonstration_is_full_and_prints_a_sign_in() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &["demo"], None);
    let line = service.printed.iter().find(|line| line.starts_with("Sign in as ")).unwrap();
    let (email, password) = line["Sign in as ".len()..].split_once(" with the password ").unwrap();
    let browser = service.browser();
    browser.post("/login", &[("email", email), ("password", password)]).await.expect_redirect("/");
    let page = browser.get("/orgs/harbour-works/members").await.expect(200);
    assert_eq!(page.text(".pager-text"), "1–50 of 248");
    assert_eq!(page.count(".switcher .dot"), 1);
    assert!(page.count("#switcher-list li") >= 4);
    drop(service);
    let again = Service::start(folder.path(), &["demo"], None);
    assert!(again.printed.iter().any(|line| line.starts_with("Sign in as ")));
}

#[tokio::test]
async fn sessions_and_what_was_acknowledged_survive_a_kill_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create().await;
    let url = Some(database.url.as_str());
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let listen = &["--listen", &free.to_string()];
    let service = Service::start(folder.path(), listen, url);
    let browser = service.browser();
    browser.submit("/signup", &ADA).await.expect(200);
    confirm_address(&service, &browser).await;
    let mut origin = service.origin.clone();
    let mut service = service;
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        // Invitations follow one after the other until the process is killed in between.
        let sending = browser.at(&origin);
        let token = browser.at(&origin).token().await;
        let sender = tokio::spawn(async move {
            let mut done = Vec::new();
            for number in 0.. {
                let email = format!("guest{round}x{number}@example.test");
                let fields = [("email", email.as_str()), ("role", "viewer"), ("csrf", &token)];
                let request = sending.request("POST", "/orgs/acme/invitations").form(&fields);
                match request.send().await {
                    Ok(answer) if answer.status().is_redirection() => done.push(email),
                    _ => return done,
                }
            }
            done
        });
        tokio::time::sleep(std::time::Duration::from_millis(150)).await;
        service.kill();
        acknowledged.extend(sender.await.unwrap());
        service = Service::start(folder.path(), listen, url);
        origin = service.origin.clone();
        let page = browser.at(&origin);
        page.get("/orgs/acme").await.expect(200);
    }
    assert!(!acknowledged.is_empty());
    let stored = database.texts("select email from invitations").await;
    for email in &acknowledged {
        assert!(stored.contains(email), "{email} was acknowledged and is gone");
    }
    let half = "select count(*) from invitations i where not exists (
        select 1 from invitation_links l join outbox o on o.id = l.mail_id
        where l.invitation_id = i.id)";
    assert_eq!(database.number(half).await, 0, "an invitation without its link or its mail");
    drop(service);
    database.remove().await;
}

#[tokio::test]
async fn asvs_7_2_3_ids_and_tokens_of_one_start_never_come_again_after_another() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen = std::collections::HashSet::new();
    let mut count = 0;
    for round in 0..3 {
        let mut service = Service::start(folder.path(), &[], None);
        for nth in 0..30 {
            let browser = service.browser();
            let page = browser.get("/login").await.expect(200);
            let mut cookies = vec![page.header("set-cookie").to_owned()];
            if nth == 0 {
                let email = format!("ada{round}@example.test");
                let fields = [ADA[0], ("email", email.as_str()), ADA[2], ADA[3]];
                let answer = browser.post("/signup", &fields).await.expect(303);
                let set = answer.headers.get_all("set-cookie").iter();
                cookies.extend(set.map(|cookie| cookie.to_str().unwrap().to_owned()));
                assert!(cookies.iter().any(|cookie| is_of_the_session(cookie)));
            }
            for cookie in cookies.iter().filter(|cookie| !cookie.contains("-flash=")) {
                count += 1;
                seen.insert(cookie.split(';').next().unwrap().to_owned());
            }
        }
        assert!(service.terminate().success());
    }
    assert!(count >= 93 && seen.len() == count, "{} of {count} are different", seen.len());
}
