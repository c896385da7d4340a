//! Who can create accounts and organizations, according to the installation's settings.

use tenantry::core::operators::{OperatorCommand, first, run};
use tenantry::platform::App;
use tenantry::platform::clock::Clock;
use tenantry::platform::config::{Founders, SignUp};
use tenantry::platform::db::Db;
use tenantry::platform::secrets::Keyring;
use tenantry::server;
use tokio::net::TcpListener;

use crate::support::{Answer, Browser, PASSWORD, TestApp, email_of};

const ADA: &str = "Ada Lovelace";
const BO: &str = "Bo Both";

async fn spawn(sign_up: SignUp, domains: &str, founders: Founders) -> TestApp {
    let domains = domains.parse().unwrap();
    TestApp::spawn_with(|config| {
        config.with_settings(|settings| {
            settings.sign_up = sign_up;
            settings.sign_up_domains = domains;
            settings.founders = founders;
        })
    })
    .await
}

async fn sign_up(app: &TestApp, email: &str) -> Answer {
    let password = if app.app.config.sign_up == SignUp::Open { PASSWORD } else { "" };
    let organization = if app.app.config.founders == Founders::Everybody { "Corona" } else { "" };
    let fields = [
        ("name", "Cy Cyan"),
        ("email", email),
        ("password", password),
        ("organization", organization),
    ];
    app.browser().post("/signup", &fields).await
}

/// The first operator, with an organization, through the link that is printed at the start.
async fn first_operator(app: &TestApp) -> Browser {
    let link = first::at_start(&app.app).await.unwrap().expect("a link");
    let link = url::Url::parse(&link).unwrap().path().to_owned();
    let browser = app.browser();
    let email = email_of(ADA);
    let fields =
        [("name", ADA), ("email", &email), ("password", PASSWORD), ("organization", "Acme")];
    browser.post(&link, &fields).await.expect_redirect("/account/security");
    app.work().await;
    browser
}

async fn accounts(app: &TestApp) -> i64 {
    app.database.number("select count(*) from users").await
}

/// The number of links to sign-up on a page.
fn ways_in(page: &Answer) -> usize {
    page.count("a[href^='/signup']")
}

/// The same installation with sign-up closed, or only open to other domains.
async fn with_other_settings(app: &TestApp, sign_up: SignUp, domains: &str) -> Browser {
    let domains = domains.parse().unwrap();
    let config = app.app.config.clone().with_settings(|settings| {
        settings.sign_up = sign_up;
        settings.sign_up_domains = domains;
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let db = Db::connect(&app.database.url).await.unwrap();
    let clock = Clock::manual(app.app.clock.now());
    let config = config.with_base_url(origin.parse().unwrap());
    let other = App::new(db, clock, config, Keyring::random());
    tokio::spawn(server::listen(other, listener, std::future::pending()));
    Browser::new(&origin)
}

#[tokio::test]
async fn a_closed_installation_says_so_kindly_and_makes_no_account() {
    let app = spawn(SignUp::Closed, "", Founders::Everybody).await;
    let page = app.browser().get("/signup").await.expect(200);
    assert_eq!(page.text("h1"), "Sign-up is closed");
    assert!(page.text(".lead").contains("Ask a colleague to invite you"));
    assert_eq!(page.attribute(".auth-card a.btn", "href"), "/login");
    assert_eq!(page.count("form"), 0, "{}", page.body);
    let refused = sign_up(&app, "cy@example.test").await.expect(403);
    assert_eq!(refused.text("h1"), "Sign-up is closed");
    let onward = refused.attributes(".error-page a.btn", "href");
    assert_eq!(onward.last().map(String::as_str), Some("/login"), "{}", refused.body);
    assert_eq!((accounts(&app).await, app.mail.delivered().len()), (0, 0));
    let login = app.browser().get("/login").await.expect(200);
    assert_eq!(ways_in(&login), 0, "{}", login.body);
    // It starts with the printed link, and continues with invitations.
    let ada = first_operator(&app).await;
    let bo = app.member(&ada, "acme", BO, "member").await;
    bo.get("/orgs/acme").await.expect(200);
    // A join link is for people who have an account.
    ada.post("/orgs/acme/join-link", &[("role", "viewer"), ("lifetime", "1")]).await.expect(303);
    let link = ada.get("/orgs/acme/join-link").await.attribute("#link", "value");
    let link = url::Url::parse(&link).unwrap().path().to_owned();
    let page = app.browser().get(&link).await.expect(200);
    assert_eq!(ways_in(&page), 0, "{}", page.body);
    assert!(page.text(".auth-card").contains("Ask Ada Lovelace for an invitation by email."));
    // Whether an address has an account makes no difference to people who sign up.
    let mut seen = Vec::new();
    for email in [email_of(BO), "free@example.test".to_owned()] {
        let refused = sign_up(&app, &email).await.expect(403);
        seen.push(refused.lasting().replace(&email, "X"));
    }
    assert_eq!(seen[0], seen[1]);
    // After leaving, people are not sent there either.
    let page = bo.get("/account/delete").await.expect(200);
    let agreed = page.attribute("input[name=organizations]", "value");
    let email = email_of(BO);
    let fields = [("email", email.as_str()), ("organizations", agreed.as_str())];
    let gone = bo.submit("/account/delete", &fields).await.expect(200);
    assert_eq!((gone.path.as_str(), ways_in(&gone)), ("/account/deleted", 0), "{}", gone.body);
    app.work().await;
}

#[tokio::test]
async fn a_sign_up_under_way_is_refused_in_words_when_sign_up_was_closed_meanwhile() {
    let app = spawn(SignUp::Confirm, "", Founders::Everybody).await;
    sign_up(&app, "cy@example.test").await.expect_redirect("/login");
    let link = app.last_mail("cy@example.test").await.link("/signup/");
    for (sign_up, domains, words) in [
        (SignUp::Closed, "", "Sign-up has been closed since we sent this link"),
        (SignUp::Confirm, "example.org", "can't be used to sign up anymore"),
    ] {
        let browser = with_other_settings(&app, sign_up, domains).await;
        let refused = browser.get(&link).await.expect(410);
        assert!(refused.text("main").contains(words), "{}", refused.body);
        assert_eq!(refused.attribute(".error-page a.btn", "href"), "/login");
    }
    assert_eq!(accounts(&app).await, 0);
    app.browser().post(&link, &[("password", PASSWORD)]).await.expect(303);
    assert_eq!(accounts(&app).await, 1, "it was only refused");
    app.work().await;
}

#[tokio::test]
async fn people_at_domains_that_are_not_listed_are_told_so_with_or_without_an_account() {
    let app = spawn(SignUp::Confirm, "example.org,*.example.com", Founders::Everybody).await;
    let ada = first_operator(&app).await;
    // Invited people are not bound by it.
    app.member(&ada, "acme", BO, "member").await;
    let mails = app.mail.delivered().len();
    let mut seen = Vec::new();
    for email in [email_of(BO), "free@example.test".to_owned(), "a@sub.example.org".to_owned()] {
        let refused = sign_up(&app, &email).await.expect(422);
        let words = refused.text("#email-error");
        assert!(words.contains("example.org or *.example.com"), "{words}");
        seen.push(refused.lasting().replace(&email, "X"));
    }
    assert!(seen.iter().all(|page| *page == seen[0]));
    sign_up(&app, "a@example.com").await.expect(422);
    app.work().await;
    assert_eq!(app.mail.delivered().len(), mails, "nobody is written to");
    for email in ["cy@EXAMPLE.org", "cy@team.example.com"] {
        sign_up(&app, email).await.expect_redirect("/login");
        let link = app.last_mail(&email.to_lowercase()).await.link("/signup/");
        app.browser().post(&link, &[("password", PASSWORD)]).await.expect(303);
    }
    assert_eq!(accounts(&app).await, 4);
    app.work().await;
}

#[tokio::test]
async fn where_operators_alone_start_organizations_nobody_else_does_and_they_hand_them_over() {
    for sign_up_mode in [SignUp::Open, SignUp::Confirm] {
        let app = spawn(sign_up_mode, "", Founders::Operators).await;
        let ada = first_operator(&app).await;
        let form = app.browser().get("/signup").await.expect(200);
        assert_eq!(form.count("#organization"), 0, "{}", form.body);
        // A form from before the change comes back with a message, and without the field.
        let email = email_of(BO);
        let fields =
            [("name", BO), ("email", &email), ("password", PASSWORD), ("organization", "Bolts")];
        let page = app.browser().post("/signup", &fields).await.expect(422);
        assert!(page.text(".form-error").contains("created by the operator"), "{}", page.body);
        let browser = app.browser();
        let fields = [("name", BO), ("email", email.as_str()), ("password", PASSWORD)];
        let fields = &fields[..if sign_up_mode == SignUp::Open { 3 } else { 2 }];
        let answer = browser.post("/signup", fields).await.expect(303);
        let page = match sign_up_mode {
            SignUp::Open => browser.follow(answer).await,
            _ => {
                let link = app.last_mail(&email).await.link("/signup/");
                let page = browser.get(&link).await.expect(200);
                assert!(!page.text(".lead").contains("is yours"), "{}", page.body);
                browser.submit(&link, &[("password", PASSWORD)]).await
            }
        };
        let page = page.expect(200);
        assert_eq!(page.path, "/orgs");
        assert_eq!(page.count("a[href='/orgs/new']"), 0, "{}", page.body);
        assert!(page.text(".empty").contains(&email), "{}", page.body);
        assert!(page.text("#founders").contains("the operator of this installation"));
        browser.get("/orgs/new").await.expect(403);
        browser.post("/orgs", &[("name", "Bolts"), ("slug", "")]).await.expect(403);
        assert_eq!(app.database.number("select count(*) from organizations").await, 1);
        let welcome = app.last_mail(&email).await;
        assert!(welcome.text.contains("Your account is ready"), "{}", welcome.text);
        // An operator creates it, invites its owner, and leaves.
        let page = ada.get("/operator/organizations").await.expect(200);
        assert_eq!(page.count("main a[href='/orgs/new']"), 1, "{}", page.body);
        ada.get("/orgs/new").await.expect(200);
        let fields = [("name", "Bolts"), ("slug", "")];
        ada.post("/orgs", &fields).await.expect_redirect("/orgs/bolts");
        let link = app.invite(&ada, "bolts", &email, "owner").await;
        browser.post(&format!("{link}/accept"), &[]).await.expect_redirect("/orgs/bolts");
        ada.post("/orgs/bolts/leave", &[]).await.expect(303);
        ada.get("/orgs/bolts").await.expect(404);
        let page = browser.get("/orgs/bolts/settings").await.expect(200);
        assert_eq!(page.count(".switcher a[href='/orgs/new']"), 0, "{}", page.body);
        app.work().await;
    }
}

#[tokio::test]
async fn a_former_operator_starts_no_organization() {
    let app = spawn(SignUp::Closed, "", Founders::Operators).await;
    let ada = first_operator(&app).await;
    ada.get("/orgs/new").await.expect(200);
    run(&app.app, &OperatorCommand::Revoke { email: email_of(ADA) }).await.unwrap();
    ada.get("/orgs/new").await.expect(403);
    ada.post("/orgs", &[("name", "Bolts"), ("slug", "")]).await.expect(403);
    ada.get("/orgs/acme").await.expect(200);
}
