//! What an account no longer is once it is deleted: signed in, an address, an operator.

use tenantry::core::operators::{OperatorCommand, run};
use time::Duration;

use super::{ADA, DONE, PATH, delete, signs_in};
use crate::core::operators::{grant, organization_id};
use crate::support::{PASSWORD, TestApp, email_of};

#[tokio::test]
async fn asvs_7_4_1_every_sign_in_ends_before_the_answer_and_the_browser_is_emptied() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Solo").await;
    let phone = app.sign_in(ADA).await;
    phone.get("/account").await.expect(200);
    let answer = delete(&ada, ADA).await;
    assert_eq!(answer.header("clear-site-data"), "\"cache\", \"storage\"");
    answer.expect_redirect(DONE);
    let page = ada.get(DONE).await.expect(200);
    assert_eq!(page.text("h1"), "Your account has been deleted");
    for browser in [&ada, &phone] {
        for path in ["/account", "/orgs", "/orgs/solo", PATH] {
            let to = browser.get(path).await.expect(303).location().unwrap();
            assert!(to.starts_with("/login?next="), "{to}");
        }
        let page = browser.post("/account", &[("name", "Back")]).await.expect(403);
        assert_eq!(page.text("h1"), "Sign in to continue");
    }
    for table in ["sign_ins", "sessions"] {
        assert_eq!(app.database.number(&format!("select count(*) from {table}")).await, 0);
    }
    assert!(!signs_in(&app, ADA).await);
    app.work().await;
    assert!(!app.dump().await.contains("Back"));
}

#[tokio::test]
async fn the_old_address_gets_one_last_mail_and_then_is_free() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Solo").await;
    let email = email_of(ADA);
    let verify = app.last_mail(&email).await.link("/verify/");
    app.browser().post("/password/forgot", &[("email", &email)]).await.expect(303);
    let reset = app.last_mail(&email).await.link("/password/reset/");
    ada.post("/account/email", &[("email", "two@example.test")]).await.expect(303);
    let change = app.last_mail("two@example.test").await.link("/email/");
    let sent = app.mail.delivered_to(&email).len();
    delete(&ada, ADA).await.expect_redirect(DONE);
    let mail = app.last_mail(&email).await;
    assert_eq!(mail.subject, "Your account was deleted");
    assert!(mail.text.contains(ADA) && mail.text.contains("can't be restored"), "{}", mail.text);
    assert_eq!(app.mail.delivered_to(&email).len(), sent + 1);
    for dead in [&verify, &reset, &change] {
        app.browser().get(dead).await.expect(404);
        app.browser().post(dead, &[]).await;
    }
    // A person who has forgotten that the account was deleted gets no email.
    app.browser().post("/password/forgot", &[("email", &email)]).await.expect(303);
    app.work().await;
    assert_eq!(app.mail.delivered_to(&email).len(), sent + 1);

    app.advance(Duration::minutes(1));
    let again = app.founder(ADA, "Solo").await;
    let page = again.get("/orgs").await.expect(200);
    assert_eq!(page.count("a[href='/orgs/solo']"), 0, "{}", page.body);
    again.get("/orgs/solo").await.expect(404);
    again.get("/orgs/solo-2").await.expect(200);
    let page = again.get("/account/sessions").await.expect(200);
    assert_eq!(page.count("main .card-row"), 1);
    assert_eq!(app.database.number("select count(*) from users").await, 2);
    // The second account of the same person can be deleted like the first.
    delete(&again, ADA).await.expect_redirect(DONE);
    app.work().await;
}

#[tokio::test]
async fn an_operator_who_deletes_the_account_is_none_any_more() {
    let app = TestApp::spawn().await;
    let olga = app.founder("Olga Owner", "Acme").await;
    let ada = app.founder(ADA, "Solo").await;
    grant(&app, ADA).await;
    let id = organization_id(&ada, "acme").await;
    let visit = [("reason", "Ticket 42: looks odd"), ("minutes", "30")];
    ada.post(&format!("/operator/organizations/{id}/enter"), &visit).await.expect(303);
    let page = ada.get(PATH).await.expect(200);
    assert!(page.text("main").contains("This installation is left without an operator"));
    delete(&ada, ADA).await.expect_redirect(DONE);
    app.work().await;
    let list = run(&app.app, &OperatorCommand::List).await.unwrap();
    assert_eq!(list, "There is no operator.");
    let going = "select count(*) from operator_visits where ended_at is null";
    assert_eq!(app.database.number(going).await, 0);
    let log = olga.get("/orgs/acme/audit").await.expect(200);
    assert!(log.text("table").contains("as an operator"), "{}", log.body);
    let again = OperatorCommand::Grant { email: email_of(ADA) };
    assert!(run(&app.app, &again).await.unwrap_err().contains("nobody has an account"));
}

#[tokio::test]
async fn an_address_that_was_never_confirmed_takes_nothing_from_its_owner() {
    let app = TestApp::spawn().await;
    let olga = app.founder("Olga Owner", "Acme").await;
    let link = app.invite(&olga, "acme", &email_of(ADA), "viewer").await;
    let eve = app.browser();
    let email = email_of(ADA);
    let fields = [("name", "Eve"), ("email", &email), ("password", PASSWORD)];
    let fields = [&fields[..], &[("organization", "Eves")]].concat();
    eve.post("/signup", &fields).await.expect(303);
    app.work().await;
    let sent = app.mail.delivered_to(&email).len();
    delete(&eve, ADA).await.expect_redirect(DONE);
    app.work().await;
    let log = olga.get("/orgs/acme/audit").await.expect(200);
    assert!(log.text("table").contains(&email), "{}", log.body);
    assert_eq!(olga.get("/orgs/acme/members?q=quixley").await.count("tbody tr"), 1);
    assert_eq!(app.mail.delivered_to(&email).len(), sent + 1);
    let ada = app.browser();
    let fields = [("name", ADA), ("password", PASSWORD)];
    ada.post(&format!("{link}/accept"), &fields).await.expect_redirect("/orgs/acme");
    app.work().await;
}
