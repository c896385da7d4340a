//! An installation that sends no mail never claims that something was sent, and says whom to ask.

use std::cell::RefCell;
use std::collections::BTreeSet;

use tenantry::core::operators::people::{ask_for_help, confirm};
use tenantry::core::operators::{OperatorCommand, run};
use tenantry::platform::config::SignUp;
use tenantry::platform::web::route::Access;
use tenantry::router;

use crate::platform::asvs::pages_from;
use crate::support::world::House;
use crate::support::{Answer, Browser, PASSWORD, TestApp, email_of};

const ADA: &str = "Ada Lovelace";
const BO: &str = "Acme Member";

/// What pages must not say where nothing is ever sent, in lower case.
const CLAIMS: &[&str] = &[
    "we send",
    "we'll send",
    "we've sent",
    "we sent",
    "we email",
    "was sent",
    "were sent",
    "is sent",
    "on its way",
    "written to",
    "in your email",
    "check your email",
    "the email",
    " an email",
    "by email",
    "mailed",
    "emails a link",
    "send the link",
    "send invitations",
    "resend",
    "latest email",
];

/// Phrases that are not claims.
const DENIALS: &[&str] = &[
    "email isn't set up",
    "no email is sent",
    "no emails are sent",
    "no email sent",
    "an email address",
    "email failed",
    "no mail server is configured",
];

async fn spawn(sign_up: SignUp) -> TestApp {
    let url = "http://tenantry.example.test".parse().unwrap();
    TestApp::spawn_with(|config| config.without_smtp().with_base_url(url).with_sign_up(sign_up))
        .await
}

/// All claims on a page.
fn claims(page: &Answer) -> Vec<&'static str> {
    let text = page.texts("body").join(" ").to_lowercase();
    let text = DENIALS.iter().fold(text, |text, denial| text.replace(denial, ""));
    CLAIMS.iter().copied().filter(|claim| text.contains(claim)).collect()
}

thread_local! {
    /// What the pages of the test have claimed so far.
    static CLAIMED: RefCell<BTreeSet<String>> = RefCell::default();
}

/// Checks a page; [`none_claims_anything`] reports all of them together.
fn honest(page: &Answer) {
    for claim in claims(page) {
        CLAIMED.with_borrow_mut(|all| all.insert(format!("{}: {claim}", page.path)));
    }
}

#[track_caller]
fn none_claims_anything() {
    assert_eq!(CLAIMED.take(), BTreeSet::new());
}

/// Sends a form, and checks the page that it leads to.
async fn act(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let page = browser.submit(path, fields).await;
    assert!(page.status.as_u16() < 500, "{path}: {}", page.body);
    honest(&page);
    page
}

/// Ada, who has signed up with Acme and is an operator, and Bo, who has joined through a link that
/// was handed over.
async fn people(app: &TestApp) -> (Browser, Browser) {
    let ada = app.browser();
    let email = email_of(ADA);
    let fields =
        [("name", ADA), ("email", &email), ("password", PASSWORD), ("organization", "Acme")];
    let page = act(&ada, "/signup", &fields).await;
    assert_eq!(page.text("h1"), "Acme");
    confirm(&app.app, &email).await.unwrap();
    run(&app.app, &OperatorCommand::Grant { email }).await.unwrap();
    let email = email_of(BO);
    let fields = [("email", email.as_str()), ("role", "member"), ("message", "")];
    let page = act(&ada, "/orgs/acme/invitations", &fields).await;
    let link = url::Url::parse(&page.attribute("#link", "value"))
        .unwrap_or_else(|_| panic!("the link is there to be copied: {}", page.body));
    let bo = app.browser();
    honest(&bo.visit(link.path()).await.expect(200));
    let fields = [("name", BO), ("password", PASSWORD)];
    let page = act(&bo, &format!("{}/accept", link.path()), &fields).await;
    assert_eq!(page.text("h1"), "Acme");
    app.work().await;
    (ada, bo)
}

/// Routes that no link leads to: pages opened from emails, addresses only called by programs, and
/// pages that require a factor, which nobody here has.
fn is_elsewhere(path: &str) -> bool {
    ["{token}", "{link}", "{text}", "{*path}"].iter().any(|part| path.contains(part))
        || ["/healthz", "/readyz", "/password/reset", "/orgs/switcher", "/orgs/{slug}/search/menu"]
            .contains(&path)
        || ["/favicon.ico", "/apple-touch-icon.png", "/manifest.webmanifest", "/robots.txt"]
            .contains(&path)
        || path.starts_with("/.well-known/")
        || path.starts_with("/login/")
        || path.starts_with("/account/security/totp/")
        || path.starts_with("/account/security/passkeys/{id}")
        || path.contains("/pictures/")
        || path.ends_with("/people")
        || path.ends_with("/qr")
        || path.starts_with("/invitations/waiting/")
}

/// Whether `path` matches a route's.
fn fits(route: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (route, path): (Vec<_>, Vec<_>) = (route.split('/').collect(), path.split('/').collect());
    route.len() == path.len()
        && route.iter().zip(&path).all(|(part, own)| part.starts_with('{') || part == own)
}

#[tokio::test]
async fn no_page_claims_that_something_was_sent_where_no_mail_server_is_set() {
    let app = spawn(SignUp::Open).await;
    let (ada, bo) = people(&app).await;
    // One of everything that a page can be about.
    let mut house = House::of([&ada, &ada, &bo, &bo].map(Clone::clone), "Acme", "acme");
    house.make_everything().await;
    let project = format!("/orgs/acme/projects/{}", house.id("projects", ""));
    let fields = [("title", "Task"), ("assignee", "")];
    act(&ada, &format!("{project}/tasks"), &fields[..1]).await;
    let comment = [("body", "For @Acme Member"), ("preview", "body")];
    act(&ada, &format!("{project}/comments/preview"), &comment).await;
    act(&ada, &format!("{project}/comments"), &comment[..1]).await;
    let some = [("email", "cy@example.test\ndi@example.test"), ("role", "viewer"), ("message", "")];
    act(&ada, "/orgs/acme/invitations", &some).await;
    act(&ada, "/orgs/acme/invitations", &some).await;
    let id = app.row_id(&ada, "acme", "cy@example.test").await;
    let invitation = format!("/orgs/acme/invitations/{id}");
    let page = act(&ada, &format!("{invitation}/resend"), &[]).await;
    assert!(page.text(".toast").contains("Copy it and share it yourself"), "{}", page.body);
    let link = ada.get(&format!("{invitation}/link")).await.expect(200).attribute("#link", "value");
    let link = url::Url::parse(&link).unwrap().path().to_owned();
    honest(&bo.visit(&link).await.expect(200));
    act(&bo, &format!("{link}/ask"), &[]).await;
    act(&ada, &format!("{invitation}/resend"), &[]).await;
    honest(&app.browser().visit(&link).await.expect(410));
    let fields = [("role", "viewer"), ("domains", "example.org"), ("lifetime", "7")];
    let page = act(&ada, "/orgs/acme/join-link", &fields).await;
    let link = url::Url::parse(&page.attribute("#link", "value")).unwrap().path().to_owned();
    for person in [&app.browser(), &bo] {
        honest(&person.visit(&link).await.expect(200));
    }
    // What would need mail is refused in words, and creates nothing.
    act(&bo, "/account/verify", &[]).await;
    act(&bo, "/account/email", &[("email", "bo@new.test")]).await;
    assert_eq!(app.database.number("select count(*) from address_changes").await, 0);
    // All pages, as each person reaches them through links.
    let mut seen = BTreeSet::new();
    let start = ["/", "/orgs", "/account", "/orgs/acme", "/operator/organizations", "/orgs/new"];
    for (browser, start) in [
        (&ada, &start[..]),
        (&bo, &start[1..4]),
        (&app.browser(), &["/login", "/signup", "/password/forgot"]),
    ] {
        for page in pages_from(browser, start).await {
            honest(&page);
            seen.insert(page.path);
        }
    }
    // And those that no link leads to.
    let page = ada.get(&format!("/operator/people?q={}", email_of(BO))).await.expect(200);
    let person = page.attribute("tbody th a", "href");
    let invited = format!("/orgs/acme/members/{id}");
    for path in [
        "/account/confirm",
        &format!("{person}/help"),
        &invited,
        &format!("{invited}/row"),
        &format!("{invitation}/link"),
    ] {
        honest(&ada.visit(path).await.expect(200));
        seen.insert(path.to_owned());
    }
    let missed: Vec<&str> = router::routes(&app.app)
        .iter()
        .filter(|route| route.method == "GET" && !is_elsewhere(route.path))
        .filter(|route| !seen.iter().any(|path| fits(route.path, path)))
        .map(|route| route.path)
        .collect();
    assert_eq!(missed, ["/account/deleted"], "a page that nobody has looked at");
    assert!(router::routes(&app.app).iter().any(|route| route.access == Access::Operator));
    // What operators do.
    act(&ada, &format!("{person}/reset"), &[]).await;
    act(&ada, &format!("{person}/end-sign-ins"), &[]).await;
    act(&ada, &format!("{person}/suspend"), &[("reason", "Left the company")]).await;
    act(&ada, &format!("{person}/reactivate"), &[]).await;
    act(&ada, &format!("{person}/help"), &[("reason", "Showed a passport")]).await;
    act(&ada, "/account", &[("name", "Ada")]).await;
    let fields = [("current_password", PASSWORD), ("password", "a wholly different phrase")];
    act(&ada, "/account/password", &fields).await;
    app.work().await;
    none_claims_anything();
}

#[tokio::test]
async fn a_forgotten_password_is_answered_alike_for_every_address_and_says_whom_to_ask() {
    let app = spawn(SignUp::Open).await;
    people(&app).await;
    let mut seen = Vec::new();
    for email in [email_of(ADA), "nobody@example.test".to_owned(), "no address".to_owned()] {
        let page = app.browser().submit("/password/forgot", &[("email", &email)]).await;
        let page = page.expect(200);
        honest(&page);
        assert!(page.text("main").contains("mail isn't set up"), "{}", page.body);
        assert!(
            page.text("main").contains("Ask the operator of this installation"),
            "{}",
            page.body
        );
        seen.push(page.lasting());
    }
    none_claims_anything();
    assert!(seen.iter().all(|page| *page == seen[0]));
    assert_eq!(app.database.number("select count(*) from jobs").await, 0);
    assert_eq!(
        app.database
            .number(
                "select count(*) from account_tokens
        where purpose = 'reset'"
            )
            .await,
        0
    );
}

#[tokio::test]
async fn where_a_mailed_link_would_come_first_and_no_mail_is_sent_nobody_signs_up() {
    let app = spawn(SignUp::Confirm).await;
    let browser = app.browser();
    let page = browser.get("/signup").await.expect(200);
    assert!(page.text("main").contains("mail isn't set up"), "{}", page.body);
    assert_eq!(page.count("form"), 0);
    let fields = [("name", ADA), ("email", "ada@example.test"), ("organization", "Acme")];
    browser.post("/signup", &fields).await.expect(403);
    let login = browser.get("/login").await.expect(200);
    assert_eq!(login.count("a[href='/signup']"), 0);
    assert_eq!(app.database.number("select count(*) from sign_ups").await, 0);
}

#[tokio::test]
async fn second_factors_stay_where_no_mail_tells_the_person_who_could_stop_it() {
    let app = spawn(SignUp::Open).await;
    let (ada, _) = people(&app).await;
    let bytes = if app.database.is_postgres() { r"'\x00'::bytea" } else { "x'00'" };
    let bo = email_of(BO);
    let key = format!(
        "insert into passkeys
            (id, user_id, name, credential_id, public_key, state, transports, created_at)
         select id, id, 'Key', {bytes}, {bytes}, {bytes}, 0, created_at from users
         where email = '{bo}'"
    );
    app.database.execute(&key).await.unwrap();
    app.database
        .execute("update users set email_verified_at = created_at where email_verified_at is null")
        .await
        .unwrap();
    let said = ask_for_help(&app.app, &bo, "Showed a passport").await.unwrap();
    assert!(said.starts_with("Nothing was done"), "{said}");
    let page = ada.get(&format!("/operator/people?q={bo}")).await.expect(200);
    let person = page.attribute("tbody th a", "href");
    let page = ada.get(&person).await.expect(200);
    assert!(page.text("main").contains("email isn't set up"), "{}", page.body);
    honest(&page);
    let reason = [("reason", "Showed a passport")];
    let page = act(&ada, &format!("{person}/help"), &reason).await;
    assert!(page.text(".toast").contains("Nothing was done"), "{}", page.body);
    none_claims_anything();
    assert_eq!(app.database.number("select count(*) from account_helps").await, 0);
}
