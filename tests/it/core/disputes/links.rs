//! The link in a mail: what it comes with, whom it is sent to, and for how long it works.

use futures_util::future::join_all;
use time::Duration;

use super::{ADA, EVE, NEW, add_passkey, change_address, links, not_me, settled, soon};
use crate::core::factors::set_up;
use crate::support::{PASSWORD, Snapshot, TestApp, email_of};

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
async fn an_address_that_nobody_proved_disputes_nothing() {
    let app = TestApp::spawn().await;
    let ada = app.unproved_founder(ADA, "Acme").await;
    let fields = [("current_password", PASSWORD), ("password", NEW)];
    ada.post("/account/password", &fields).await.expect_redirect("/account/password");
    let mail = app.last_mail(&email_of(ADA)).await;
    assert!(!mail.text.contains("/not-me/") && mail.text.contains("/password/forgot"), "{mail:?}");
}
