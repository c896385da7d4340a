//! Adding a factor, renaming it, removing it.

use time::Duration;

use super::{ADA, Phone, enter, half_way, set_up};
use crate::support::{TestApp, email_of};

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
    assert!(page.text("#code-error").contains("Incorrect code"), "{}", page.body);
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
    assert!(
        !page.text(".consequences").contains("Two-factor authentication is turned off"),
        "{}",
        page.body
    );
    ada.post(&removes[0], &[]).await.expect_redirect("/account/security");
    ada.post(&removes[0], &[]).await.expect(404);
    ada.get(&removes[0]).await.expect(404);
    let mail = app.last_mail(&email_of(ADA)).await;
    assert!(mail.text.contains("“Old phone” was removed"), "{}", mail.text);
    enter(&browser, &phone.next(&app)).await.expect(422);
    enter(&browser, &tablet.code(&app, 0)).await.expect_redirect("/");
    let page = ada.get(&removes[1]).await.expect(200);
    assert!(
        page.text(".consequences").contains("Two-factor authentication is turned off"),
        "{}",
        page.body
    );
    ada.post(&removes[1], &[]).await.expect_redirect("/account/security");
    browser.get("/account").await.expect(303);
    let codes_left = "select count(*) from recovery_codes where replaced_at is null";
    assert_eq!(app.database.number(codes_left).await, 0, "{codes:?}");
    app.sign_in(ADA).await;
    app.work().await;
}
