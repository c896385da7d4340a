//! Inviting, the link's page in every state, accepting, declining, changing the address.

mod accepting;
mod ends;
mod sending;
mod someone_else;

use crate::support::{Browser, PASSWORD, TestApp};

const NEW: [(&str, &str); 2] = [("name", "Nia New"), ("password", PASSWORD)];

async fn acme() -> (TestApp, Browser) {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    (app, ada)
}
