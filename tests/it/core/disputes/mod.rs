//! "This wasn't me": what the owner of an account can take back, and what an attacker with only
//! part of the owner's secrets cannot get. docs/security.md has the table.

mod links;
mod stolen;
mod taken_back;

use tenantry::platform::throttle::Limits;
use time::Duration;
use url::Url;

use crate::support::{Answer, Authenticator, Browser, TestApp};

const ADA: &str = "Ada Lovelace";
const EVE: &str = "eve@example.test";
const NEW: &str = "a wholly different phrase";
const ORIGIN: &str = "http://localhost";

/// An application with a host name, where passkeys are possible, and Ada, who signed up long ago.
async fn settled() -> (TestApp, Browser) {
    let name = Url::parse(ORIGIN).unwrap();
    let app =
        TestApp::spawn_with(|config| config.with_base_url(name).with_throttle(Limits::default()))
            .await;
    // The time of an act is recorded exactly, even if the clock advances meanwhile.
    app.app.clock.run();
    app.founder(ADA, "Acme").await;
    later(&app).await;
    let ada = app.sign_in(ADA).await;
    (app, ada)
}

/// Ten days later: what was done before cannot be disputed any more.
async fn later(app: &TestApp) {
    app.advance(Duration::days(10));
}

/// A minute later, so that acts have an order.
fn soon(app: &TestApp) {
    app.advance(Duration::minutes(1));
}

async fn add_passkey(browser: &Browser) -> Authenticator {
    let mut device = Authenticator::new(ORIGIN);
    let page = browser.get("/account/security/passkeys/new").await.expect(200);
    let fields = [("name", "Skeleton key"), ("credential", &device.make(&page))];
    let made = browser.post("/account/security/passkeys", &fields).await;
    made.expect_redirect("/account/security");
    device.counter = 2;
    device
}

async fn opens_with_passkey(app: &TestApp, device: &mut Authenticator) -> bool {
    let browser = app.browser();
    let page = browser.get("/login/passkey").await.expect(200);
    device.counter += 1;
    let fields = [("credential", &*device.show(&page))];
    let to = browser.post("/login/passkey", &fields).await.expect(303).location();
    app.work().await;
    to.as_deref() == Some("/")
}

/// Changes the address, as somebody who reads the new one's mail.
async fn change_address(app: &TestApp, browser: &Browser, email: &str) {
    browser.post("/account/email", &[("email", email)]).await.expect_redirect("/account#email");
    let link = app.last_mail(email).await.link("/email/");
    browser.post(&link, &[]).await.expect_redirect("/");
    app.work().await;
}

/// The page after signing in; empty if it was refused.
async fn sign_in(app: &TestApp, email: &str, password: &str) -> (Browser, String) {
    let browser = app.browser();
    let answer = browser.post("/login", &[("email", email), ("password", password)]).await;
    app.work().await;
    let to = answer.location().unwrap_or_default();
    (browser, to)
}

async fn half_way(app: &TestApp, email: &str, password: &str) -> Browser {
    let (browser, to) = sign_in(app, email, password).await;
    assert_eq!(to, "/login/factor");
    browser
}

/// The link in the newest email for a person who did not do what it reports.
async fn not_me(app: &TestApp, email: &str) -> String {
    links(app, email).await.pop().expect("a mail with a link")
}

/// The links in all emails to an address, in order.
async fn links(app: &TestApp, email: &str) -> Vec<String> {
    app.work().await;
    let mails = app.mail.delivered_to(email);
    let with_link = mails.iter().filter(|mail| mail.text.contains("/not-me/"));
    with_link.map(|mail| mail.link("/not-me/")).collect()
}

async fn take_back(app: &TestApp, link: &str, fields: &[(&str, &str)]) -> (Browser, Answer) {
    let browser = app.browser();
    let answer = browser.post(link, fields).await;
    app.work().await;
    (browser, answer)
}
