//! Join links: made, shown and ended, and what everybody who opens one can do.

mod coming;
mod ends;
mod making;

use crate::support::{Answer, Browser, TestApp};

/// The page on which Acme's link is made and shown.
const PAGE: &str = "/orgs/acme/join-link";

async fn acme() -> (TestApp, Browser) {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    (app, ada)
}

/// Makes a link to become a member for a week, with other `fields`, and returns its path.
async fn make(maker: &Browser, fields: &[(&str, &str)]) -> String {
    let mut all = vec![("role", "member"), ("domains", ""), ("max_uses", ""), ("lifetime", "7")];
    for (name, value) in fields {
        all.retain(|(known, _)| known != name);
        all.push((name, value));
    }
    maker.post(PAGE, &all).await.expect_redirect(PAGE);
    path_on(&maker.get(PAGE).await.expect(200))
}

/// The path of the link that the page shows.
fn path_on(page: &Answer) -> String {
    url::Url::parse(&page.attribute("#link", "value")).unwrap().path().to_owned()
}

/// Turns the current link off.
async fn turn_off(owner: &Browser) {
    let action = owner.get(PAGE).await.attribute("#current form", "action");
    owner.post(&action, &[]).await.expect_redirect(PAGE);
}
