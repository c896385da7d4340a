//! `tenantry restored`, after a backup was restored.

use crate::support::service::{ADA, Service, command, confirm_address, wait_for_mail};
use crate::support::{Browser, TestDatabase};

/// The path from the newest email to `address` on this service.
async fn link(service: &Service, browser: &Browser, count: usize, part: &str) -> String {
    let mailbox = wait_for_mail(browser, count).await;
    let mail = browser.get(&mailbox.attribute("a.mail-link", "href")).await.expect(200);
    let text = mail.text(".mail-text");
    let link = text.split_whitespace().find(|word| word.contains(part)).unwrap();
    link.strip_prefix(&service.origin).unwrap().to_owned()
}

#[tokio::test]
async fn after_a_backup_was_restored_one_command_ends_what_would_open_again() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create().await;
    let url = Some(database.url.as_str());
    let mut service = Service::start(folder.path(), &[], url);
    let ada = service.browser();
    ada.submit("/signup", &ADA).await.expect(200);
    confirm_address(&service, &ada).await;
    ada.post("/password/forgot", &[("email", "ada@example.test")]).await;
    let reset = link(&service, &ada, 2, "/password/reset/").await;
    let invited = [("email", "bob@example.test"), ("role", "member")];
    ada.post("/orgs/acme/invitations", &invited).await.expect(303);
    let invitation = link(&service, &ada, 3, "/invitations/").await;
    let fields = [("role", "viewer"), ("lifetime", "7")];
    ada.post("/orgs/acme/join-link", &fields).await.expect(303);
    let join = ada.get("/orgs/acme/join-link").await.attribute("#link", "value");
    let join = join.strip_prefix(&service.origin).unwrap().to_owned();
    ada.get("/account").await.expect(200);
    assert!(service.terminate().success());

    let run = |arguments: &[&str]| command(folder.path(), arguments, url).output().unwrap();
    let unasked = run(&["restored"]);
    assert_eq!(unasked.status.code(), Some(1), "it asks first, and nobody answers");
    let done = run(&["restored", "--yes"]);
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(said.starts_with("Ended: 1 sign-in, "), "{said}");
    assert!(said.contains(", 1 invitation, 1 join link, "), "{said}");
    assert!(said.contains("recovery codes that were used since work again"), "{said}");

    let service = Service::start(folder.path(), &[], url);
    let old = ada.at(&service.origin);
    old.get("/account").await.expect(303);
    let guest = service.browser();
    assert_eq!(guest.get(&invitation).await.status, 410);
    assert_eq!(guest.get(&join).await.status, 410);
    assert_eq!(guest.get(&reset).await.status, 410);
    let entries = "select count(*) from audit_log where action = 'installation.restored'";
    assert_eq!(database.number(entries).await, 2, "in the organization's log, and outside");
    // Doing it again has no further effect.
    drop(service);
    let again = run(&["restored", "--yes"]);
    let said = String::from_utf8(again.stdout).unwrap();
    assert!(said.starts_with("Ended: 0 sign-ins, 0 links of accounts, 0 invitations,"), "{said}");
    database.remove().await;
}

#[tokio::test]
async fn the_doctor_thinks_of_a_restored_backup_where_nothing_was_written_for_long() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create().await;
    let url = Some(database.url.as_str());
    // If there is no account, a start prints a link, which it stores.
    let (id, at) = match database.is_postgres() {
        true => ("gen_random_uuid()", "timestamptz '2020-01-01'"),
        false => ("randomblob(16)", "0"),
    };
    let somebody = format!(
        "insert into users (id, name, name_key, email, password_hash, created_at)
         values ({id}, 'Ada', 'ada', 'ada@example.test', '', {at})"
    );
    database.execute(&somebody).await.unwrap();
    let mut service = Service::start(folder.path(), &[], url);
    assert!(service.terminate().success());
    let hint = "If a backup has been restored since";
    let doctor = || {
        let output = command(folder.path(), &["doctor"], url).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let said = doctor();
    assert!(!said.contains(hint), "{said}");
    let day_before = match database.is_postgres() {
        true => "newest_at - interval '1 day'",
        false => "newest_at - 86400000000",
    };
    database.execute(&format!("update clock set newest_at = {day_before}")).await.unwrap();
    let said = doctor();
    assert!(said.contains("warn  newest row: ") && said.contains("1 day ago"), "{said}");
    assert!(said.contains(hint) && said.contains("tenantry restored"), "{said}");
    let ahead = day_before.replace(" - ", " + ").replace("1 day", "9 days").replace("864", "7776");
    database.execute(&format!("update clock set newest_at = {ahead}")).await.unwrap();
    let said = doctor();
    assert!(said.contains("in the future: until this machine's clock"), "{said}");
    database.remove().await;
}
