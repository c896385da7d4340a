//! Second factors and authenticating again: what signing in requires besides the password, and what
//! is asked for again. Names contain the requirement of ASVS 5.0 that they cover.

mod adding;
mod codes;
mod required;
mod signing_in;
mod step_up;

use time::Duration;
use totp_rs::{Builder, Secret};

use crate::support::{Answer, Browser, PASSWORD, TestApp, email_of};

const ADA: &str = "Ada Lovelace";

/// An authenticator app with its secret.
pub(crate) struct Phone(pub(crate) String);

impl Phone {
    /// The code that it shows `steps` steps from now.
    pub(crate) fn code(&self, app: &TestApp, steps: i64) -> String {
        let seconds = app.app.clock.now().as_micros() / 1_000_000 + 30 * steps;
        let secret = Secret::try_from_base32(self.0.replace(' ', "")).unwrap();
        let totp = Builder::new().with_secret(secret).with_account_name("x").build().unwrap();
        totp.generate(u64::try_from(seconds).unwrap()).to_string()
    }

    /// An unused code: waits for the next one.
    pub(crate) fn next(&self, app: &TestApp) -> String {
        app.advance(Duration::seconds(30));
        self.code(app, 0)
    }
}

/// Sets up an app; returns it, and the recovery codes that come with the first.
pub(crate) async fn set_up(app: &TestApp, browser: &Browser, name: &str) -> (Phone, Vec<String>) {
    let begun = browser.post("/account/security/totp", &[]).await.expect(303);
    let path = begun.location().unwrap();
    let page = browser.get(&path).await.expect(200);
    let phone = Phone(page.text("#secret"));
    let fields = [("name", name), ("code", &phone.code(app, 0))];
    let page = browser.post(&format!("{path}/confirm"), &fields).await;
    app.work().await;
    (phone, page.texts(".codes li"))
}

/// Enters address and password in a browser of its own.
async fn half_way(app: &TestApp, name: &str) -> Browser {
    let browser = app.browser();
    let fields = [("email", email_of(name)), ("password", PASSWORD.to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    browser.post("/login", &fields).await.expect_redirect("/login/factor");
    browser
}

async fn enter(browser: &Browser, code: &str) -> Answer {
    browser.post("/login/factor", &[("code", code)]).await
}
