//! Help for a person who has lost all second factors: with a reason, announced to the person, and
//! not before they have had time to stop it.

use tenantry::core::operators::people::{ask_for_help, call_off_help};
use tenantry::core::operators::{self, OperatorCommand};
use time::Duration;

use crate::core::factors::set_up;
use crate::support::{Browser, PASSWORD, TestApp, email_of};

const ADA: &str = "Ada Lovelace";
const NEW: &str = "a wholly different phrase";
const REASON: &str = "She showed her passport";

/// Ada with an app, signed out, and an operator.
async fn locked_out() -> (TestApp, Browser, crate::core::factors::Phone) {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let (phone, _) = set_up(&app, &ada, "Phone").await;
    ada.post("/logout", &[]).await.expect(303);
    let olga = app.founder("Olga Operator", "Ops").await;
    let email = email_of("Olga Operator");
    operators::run(&app.app, &OperatorCommand::Grant { email }).await.unwrap();
    (app, olga, phone)
}

async fn path(olga: &Browser) -> String {
    let page = olga.get("/operator/people?q=ada").await.expect(200);
    page.attribute("tbody th a", "href")
}

async fn leads_to(app: &TestApp, password: &str) -> String {
    let fields = [("email", &*email_of(ADA)), ("password", password)];
    let answer = app.browser().post("/login", &fields).await;
    app.work().await;
    answer.location().unwrap_or_default()
}

#[tokio::test]
async fn asvs_6_4_4_factors_go_72_hours_after_the_person_was_told_and_not_before() {
    let (app, olga, _) = locked_out().await;
    let path = path(&olga).await;
    let help = format!("{path}/help");
    olga.get(&help).await.expect(200);
    let page = olga.post(&help, &[("reason", " ")]).await.expect(422);
    assert_ne!(page.text("#reason-error"), "");
    olga.post(&help, &[("reason", REASON)]).await.expect_redirect(&path);
    olga.post(&help, &[("reason", "Once more")]).await.expect_redirect(&path);
    let mail = app.last_mail(&email_of(ADA)).await;
    assert!(mail.text.contains(REASON), "{}", mail.text);
    assert!(olga.get(&path).await.text("#pending-help").contains("unless"));
    app.advance(Duration::hours(71));
    app.work().await;
    assert_eq!(leads_to(&app, PASSWORD).await, "/login/factor");
    app.advance(Duration::hours(1));
    app.work().await;
    let told = app.mail.delivered_to(&email_of(ADA));
    assert!(told.iter().any(|mail| mail.subject.contains("was reset")), "{told:?}");
    // Neither the previous password nor the operator can sign in.
    assert_eq!(leads_to(&app, PASSWORD).await, "");
    app.set_password_by_mail(&email_of(ADA), NEW).await;
    assert_eq!(leads_to(&app, NEW).await, "/");
    let stop = mail.link("/help/");
    app.browser().post(&stop, &[]).await.expect(410);
    let dump = app.dump().await;
    assert!(dump.contains("account.help_asked") && dump.contains("account.help_given"));
}

#[tokio::test]
async fn asvs_6_4_4_the_person_stops_it_by_the_link_and_the_operator_calls_it_off() {
    let (app, olga, phone) = locked_out().await;
    let path = path(&olga).await;
    olga.post(&format!("{path}/help"), &[("reason", REASON)]).await.expect_redirect(&path);
    let stop = app.last_mail(&email_of(ADA)).await.link("/help/");
    assert!(app.browser().get(&stop).await.expect(200).text("main").contains(REASON));
    app.browser().post(&stop, &[]).await.expect_redirect("/login");
    app.browser().post(&stop, &[]).await.expect(410);
    assert_eq!(
        app.last_mail(&email_of(ADA)).await.subject,
        "Your two-factor authentication stays \
                                                             on"
    );
    olga.post(&format!("{path}/help"), &[("reason", REASON)]).await.expect_redirect(&path);
    app.work().await;
    assert!(olga.get(&path).await.text("#pending-help").contains(REASON));
    olga.post(&format!("{path}/help/stop"), &[]).await.expect_redirect(&path);
    assert_eq!(
        app.last_mail(&email_of(ADA)).await.subject,
        "Your two-factor authentication stays \
                                                             on"
    );
    app.advance(Duration::hours(73));
    app.work().await;
    assert_eq!(leads_to(&app, PASSWORD).await, "/login/factor");
    drop(phone);
}

#[tokio::test]
async fn asvs_6_4_4_the_same_is_asked_for_and_called_off_at_the_command_line() {
    let (app, _, _) = locked_out().await;
    let email = email_of(ADA);
    assert!(ask_for_help(&app.app, &email, "").await.is_err());
    assert!(ask_for_help(&app.app, "nobody@example.test", REASON).await.is_err());
    let words = ask_for_help(&app.app, &email, REASON).await.unwrap();
    assert!(words.contains("72 hours"), "{words}");
    let words = ask_for_help(&app.app, &email_of("Olga Operator"), REASON).await.unwrap();
    assert!(words.contains("is off"), "{words}");
    app.last_mail(&email).await.link("/help/");
    assert!(call_off_help(&app.app, &email).await.unwrap().contains("stays on"));
    app.advance(Duration::hours(73));
    app.work().await;
    assert_eq!(leads_to(&app, PASSWORD).await, "/login/factor");
}

#[tokio::test]
async fn asvs_6_4_4_who_was_helped_by_mistake_takes_it_back_with_the_password_from_before() {
    let (app, olga, phone) = locked_out().await;
    let path = path(&olga).await;
    olga.post(&format!("{path}/help"), &[("reason", REASON)]).await.expect_redirect(&path);
    app.work().await;
    app.advance(Duration::hours(72));
    app.work().await;
    let mails = app.mail.delivered_to(&email_of(ADA));
    let link = mails.iter().find(|mail| mail.subject.contains("was reset")).unwrap();
    let link = link.link("/not-me/");
    let owner = app.browser();
    owner.post(&link, &[("password", PASSWORD)]).await.expect_redirect("/password/reset");
    owner.post("/password/reset", &[("password", NEW)]).await.expect_redirect("/login");
    assert_eq!(leads_to(&app, NEW).await, "/login/factor");
    let fields = [("email", &*email_of(ADA)), ("password", NEW)];
    owner.post("/login", &fields).await.expect_redirect("/login/factor");
    owner.post("/login/factor", &[("code", &phone.next(&app))]).await.expect_redirect("/");
    app.work().await;
}
