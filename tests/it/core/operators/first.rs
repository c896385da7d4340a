//! The first operator, through the link that is printed when the service starts.

use futures_util::future::join_all;
use tenantry::core::operators::first;
use time::Duration;

use super::people::{PEOPLE, recorded};
use super::{command, grant};
use crate::support::service::Service;
use crate::support::{Answer, Browser, PASSWORD, TestApp, email_of};

const ADA: &str = "Ada Lovelace";

/// The path of a printed link.
fn path(link: &str) -> String {
    url::Url::parse(link).unwrap_or_else(|_| panic!("{link}")).path().to_owned()
}

/// A link, as it is printed at a start.
async fn printed(app: &TestApp) -> String {
    path(&first::at_start(&app.app).await.unwrap().expect("a link"))
}

async fn send(browser: &Browser, link: &str, organization: &str) -> Answer {
    let email = email_of(ADA);
    let fields = [
        ("name", ADA),
        ("email", email.as_str()),
        ("password", PASSWORD),
        ("organization", organization),
    ];
    browser.post(link, &fields).await
}

#[tokio::test]
async fn asvs_6_3_2_the_printed_link_makes_the_first_operator_and_works_once() {
    for organization in ["", "Acme"] {
        let app = TestApp::spawn().await;
        let link = printed(&app).await;
        let token = link.rsplit('/').next().unwrap().to_owned();
        app.secrets.note("a token", &token, None);
        let browser = app.browser();
        // Opening it does not use it up, and its token leaves the URL.
        for _ in 0..2 {
            let page = browser.visit(&link).await.expect(200);
            assert!(page.path.starts_with("/first/link/") && !page.body.contains(&token));
        }
        let page = send(&browser, &link, organization).await;
        let page = browser.follow(page.expect_redirect("/account/security")).await.expect(200);
        assert!(page.text(".notice").contains("set up two-factor authentication"), "{}", page.body);
        browser.get(PEOPLE).await.expect(200);
        if !organization.is_empty() {
            browser.get("/orgs/acme").await.expect(200);
        }
        let page = browser.get("/account").await.expect(200);
        assert!(page.text("#email").contains("Confirmed"), "{}", page.body);
        let welcome = app.last_mail(&email_of(ADA)).await;
        assert!(!welcome.text.contains("/verify/"), "{}", welcome.text);
        let used = app.browser().get(&link).await.expect(410);
        assert!(used.text("main").contains("already been used"), "{}", used.body);
        assert!(first::at_start(&app.app).await.unwrap().is_none(), "there is an account");
        let made = app.database.number("select count(*) from organizations").await;
        assert_eq!(made, i64::from(!organization.is_empty()));
        let person = format!("person {}", email_of(ADA));
        assert_eq!(recorded(&app, "operator.granted").await, [person]);
        let printed = recorded(&app, "operator.first_link_printed").await;
        assert_eq!(printed, ["system nobody"]);
    }
}

#[tokio::test]
async fn someone_signed_in_who_types_an_address_that_has_an_account_stays_signed_in() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let said = first::print(&app.app).await.unwrap();
    let link = path(said.lines().last().unwrap());
    let refused = send(&ada, &link, "").await.expect(422);
    assert!(refused.text(".field-error").contains("operator grant"), "{}", refused.body);
    assert_eq!(refused.attribute("#email", "value"), email_of(ADA));
    ada.get("/account").await.expect(200);
}

#[tokio::test]
async fn of_many_who_send_the_link_at_once_one_becomes_the_operator() {
    let app = TestApp::spawn().await;
    let link = printed(&app).await;
    let sent = (0..6).map(|number| {
        let (browser, link) = (app.browser(), &link);
        async move {
            let email = format!("p{number}@example.test");
            let fields = [("name", ADA), ("email", &email), ("password", PASSWORD)];
            browser.post(link, &fields).await.status.as_u16()
        }
    });
    let mut answers = join_all(sent).await;
    answers.sort_unstable();
    assert_eq!(answers, [303, 410, 410, 410, 410, 410]);
    assert_eq!(app.database.number("select count(*) from users").await, 1);
    assert_eq!(app.database.number("select count(*) from operators").await, 1);
    app.work().await;
}

#[tokio::test]
async fn a_link_that_was_replaced_has_expired_or_comes_too_late_says_so_and_makes_nothing() {
    let app = TestApp::spawn().await;
    let first = printed(&app).await;
    let second = printed(&app).await;
    let refused = app.browser().get(&first).await.expect(410);
    assert!(refused.text("main").contains("newer link"), "{}", refused.body);
    app.browser().get(&first.replace("/first/", "/first/A")).await.expect(404);
    let browser = app.browser();
    browser.visit(&second).await.expect(200);
    app.advance(Duration::hours(24));
    send(&browser, &second, "").await.expect(410);
    let refused = app.browser().get(&second).await.expect(410);
    assert!(refused.text("main").contains("tenantry operator first-link"), "{}", refused.body);
    // Somebody else has an account meanwhile: starts print no more links, but the command still
    // does.
    app.founder("Bo Both", "Bolts").await;
    assert!(first::at_start(&app.app).await.unwrap().is_none());
    let said = first::print(&app.app).await.unwrap();
    let third = path(said.lines().last().unwrap());
    let browser = app.browser();
    browser.visit(&third).await.expect(200);
    let taken = email_of("Bo Both");
    let fields = [("name", ADA), ("email", &taken), ("password", PASSWORD)];
    let page = browser.post(&third, &fields).await.expect(422);
    assert!(page.text("#email-error").contains("operator grant"), "{}", page.body);
    assert_eq!(page.attribute("#name", "value"), ADA, "what was typed stays");
    grant(&app, "Bo Both").await;
    let late = send(&browser, &third, "").await.expect(410);
    assert!(late.text("main").contains("already has an operator"), "{}", late.body);
    let (code, said, error) = command(&app, &["operator", "first-link"]);
    assert_eq!((code, said.as_str()), (Some(1), ""));
    assert!(error.contains("there is already an operator"), "{error}");
    assert_eq!(app.database.number("select count(*) from users").await, 1);
    app.work().await;
}

#[tokio::test]
async fn each_start_without_an_account_prints_a_link_on_standard_output_alone() {
    let folder = tempfile::tempdir().unwrap();
    let link = |service: &Service| {
        let at = format!("{}/first/", service.origin);
        // In JSON it is in quotes.
        let after = service.printed.iter().find_map(|line| line.split_once(&at));
        after.map(|(_, token)| format!("/first/{}", token.split('"').next().unwrap_or_default()))
    };
    let service = Service::start(folder.path(), &[], None);
    let first = link(&service).expect("a link");
    drop(service);
    let mut command = crate::support::service::command(folder.path(), &[], None);
    command.env("TENANTRY_LOG_FORMAT", "json");
    let log = folder.path().join("log");
    command.stderr(std::fs::File::create(&log).unwrap());
    let service = Service::start_as(command);
    let second = link(&service).expect("another link");
    let browser = service.browser();
    browser.get(&first).await.expect(410);
    send(&browser, &second, "").await.expect_redirect("/account/security");
    drop(service);
    let token = second.rsplit('/').next().unwrap();
    assert!(!std::fs::read_to_string(&log).unwrap().contains(token), "it stands in the log");
    let service = Service::start(folder.path(), &[], None);
    assert_eq!(link(&service), None, "{:?}", service.printed);
}
