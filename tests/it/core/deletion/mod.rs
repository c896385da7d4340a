//! Deleting an account: what is announced, what prevents it, what is erased and what stays. Names
//! contain the requirement of ASVS 5.0 that they cover.

mod afterwards;
mod at_once;
mod before;
mod erased;

use crate::support::{Answer, Browser, PASSWORD, TestApp, email_of};

/// A name that occurs nowhere else.
const ADA: &str = "Ada Quixley";
const PATH: &str = "/account/delete";
const DONE: &str = "/account/deleted";

/// Sends the form with the page's values.
async fn delete(browser: &Browser, name: &str) -> Answer {
    let page = browser.get(PATH).await.expect(200);
    let agreed = page.attribute("input[name=organizations]", "value");
    send(browser, name, &agreed).await
}

async fn send(browser: &Browser, name: &str, agreed: &str) -> Answer {
    browser.post(PATH, &[("email", &email_of(name)), ("organizations", agreed)]).await
}

async fn signs_in(app: &TestApp, name: &str) -> bool {
    let fields = [("email", email_of(name)), ("password", PASSWORD.to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    app.browser().post("/login", &fields).await.status.as_u16() == 303
}

/// Olga's Acme, where Ada is an admin besides having an organization of her own; gives both, and the
/// link through which she has joined.
async fn acme() -> (TestApp, Browser, Browser, String) {
    let app = TestApp::spawn().await;
    let olga = app.founder("Olga Owner", "Acme").await;
    let ada = app.founder(ADA, "Solo").await;
    let link = app.invite(&olga, "acme", &email_of(ADA), "admin").await;
    ada.post(&format!("{link}/accept"), &[]).await.expect(303);
    (app, olga, ada, link)
}

/// Creates a project of Olga's with a task of Ada's and comments by both; returns its path.
async fn work(app: &TestApp, olga: &Browser, ada: &Browser) -> String {
    let fields = [("name", "Bridge"), ("code", "BRI")];
    let project = ada.post("/orgs/acme/projects", &fields).await.expect(303).location().unwrap();
    let member = app.membership_id(olga, "acme", ADA).await;
    let task = ada.post(&format!("{project}/tasks"), &[("title", "Rivets")]).await.expect(303);
    let task = task.location().unwrap();
    let task = task.split_once("#task-").unwrap().1;
    let fields = [("title", "Rivets"), ("assignee", member.as_str()), ("version", "1")];
    olga.post(&format!("{project}/tasks/{task}/edit"), &fields).await.expect(303);
    let said = [("body", "These were counted twice.")];
    ada.post(&format!("{project}/comments"), &said).await.expect(303);
    app.work().await;
    project
}
