//! What was typed survives, and what is sent twice is done once.

mod carried;
mod once;
mod survives;
mod values;

use crate::support::world::{Call, World, place};
use crate::support::{Answer, Browser, PASSWORD, TestApp};

/// Returns the fields that the form of `page` with the action `path` sends.
fn fields(page: &Answer, path: &str) -> Vec<(String, String)> {
    let form = format!("form[method=post][action=\"{path}\"]");
    assert!(page.count(&form) > 0, "no form to {path}: {}", page.body);
    let inputs = format!("{form} input:not([type=checkbox]), {form} textarea");
    let selector = scraper::Selector::parse(&inputs).unwrap();
    let html = page.html();
    let fields = html.select(&selector).filter_map(|field| {
        let text = match field.value().name() {
            "textarea" => field.text().collect(),
            _ => field.attr("value").unwrap_or_default().to_owned(),
        };
        Some((field.attr("name")?.to_owned(), text))
    });
    fields.collect()
}

/// A form with these values in the fields that it has for them.
fn filled(mut form: Vec<(String, String)>, values: &[(&str, &str)]) -> Vec<(String, String)> {
    for (name, value) in &mut form {
        if let Some((_, typed)) = values.iter().find(|(field, _)| field == name) {
            (*typed).clone_into(value);
        }
    }
    form
}

/// Posts a form with its token, as a browser without scripts does.
async fn post(browser: &Browser, path: &str, form: &[(String, String)]) -> Answer {
    browser.send_as_it_is(browser.request("POST", path).form(form)).await
}

fn owned(form: &[(&str, &str)]) -> Vec<(String, String)> {
    form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn with_token(browser: &Browser, form: &[(&str, &str)]) -> Vec<(String, String)> {
    let token = browser.token().await;
    owned(&[form, &[("csrf", &token)]].concat())
}

/// Ends every sign-in, as somebody could do on another device.
async fn end_sign_ins(app: &TestApp) {
    let end = "update sign_ins set ended_at = last_seen_at where ended_at is null";
    app.database.execute(end).await.unwrap();
}

/// Signs in on the page that keeps what was typed.
async fn sign_in_on(browser: &Browser, page: &Answer, email: &str) -> Answer {
    let form = filled(fields(page, "/login"), &[("email", email), ("password", PASSWORD)]);
    let answer = post(browser, "/login", &form).await;
    browser.forget_token().await;
    answer
}

/// The POST requests of an organization, in an order in which its owner can send them all.
fn in_order(world: &World) -> Vec<Call> {
    let mut calls = world.calls(&world.acme);
    calls.retain(|call| call.method == "POST");
    calls.sort_by_key(|call| place(call.route));
    calls
}
