//! The log of the process: what an operator reads about a start, a request, an email and an action.

use std::fs::File;
use std::path::Path;

use serde_json::Value;

use crate::support::service::{ADA, Service, command};
use crate::support::{TestApp, email_of, log};
use tenantry::core::operators::{self, OperatorCommand};

/// Starts a service that writes its log to a file in `folder`.
fn logged(folder: &Path, variables: &[(&str, &str)]) -> Service {
    let mut started = command(folder, &[], None);
    started.envs(variables.iter().copied());
    started.stderr(File::create(folder.join("log")).unwrap());
    Service::start_as(started)
}

fn read(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("log")).unwrap()
}

/// Returns the events of a JSON log.
fn events(folder: &Path) -> Vec<Value> {
    read(folder).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn with_message<'a>(events: &'a [Value], message: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["message"] == message).collect()
}

#[tokio::test]
async fn a_start_and_a_stop_are_a_line_each_and_a_file_gets_no_colours() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = logged(folder.path(), &[("RUST_LOG", "tenantry=nonsense=")]);
    assert!(service.terminate().success());
    let log = read(folder.path());
    assert!(!log.contains('\u{1b}'), "{log}");
    let started = log.lines().find(|line| line.contains(" started ")).unwrap_or_default();
    for part in ["version=\"", "engine=Sqlite", "listen=127.0.0.1:", "sign_up=", "mail=\""] {
        assert!(started.contains(part), "{part}: {log}");
    }
    assert!(log.trim_end().ends_with(" stopped"), "{log}");
    assert!(log.contains("RUST_LOG is invalid and is ignored"), "{log}");
}

#[tokio::test]
async fn each_request_is_a_line_where_that_is_asked_for_with_who_asked_and_where() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [("TENANTRY_LOG_FORMAT", "json"), ("TENANTRY_LOG_REQUESTS", "all")];
    let mut service = logged(folder.path(), &variables);
    let ada = service.browser();
    ada.submit("/signup", &ADA).await.expect(200);
    let page = ada.get("/orgs/acme").await.expect(200);
    assert!(service.terminate().success());
    let events = events(folder.path());
    let id = page.header("x-request-id");
    let answered: Vec<_> = with_message(&events, "answered")
        .into_iter()
        .filter(|event| event["spans"][0]["id"] == id)
        .collect();
    let [line] = answered[..] else { panic!("{events:?}") };
    assert_eq!(line["status"], 200);
    assert_eq!(line["bytes"], page.body.len());
    assert!(line["ms"].is_u64(), "{line}");
    let span = &line["spans"][0];
    assert_eq!(span["route"], "/orgs/{slug}");
    assert_eq!(span["method"], "GET");
    for who_and_where in ["person", "organization"] {
        assert!(span[who_and_where].as_str().is_some_and(|id| id.len() == 36), "{line}");
    }
}

#[tokio::test]
async fn refusals_and_slow_answers_are_told_even_where_requests_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [("TENANTRY_LOG_FORMAT", "json"), ("TENANTRY_LOG_SLOW_REQUESTS", "1")];
    let mut service = logged(folder.path(), &variables);
    let ada = service.browser();
    // Hashing a password takes longer than a millisecond.
    ada.post("/signup", &ADA).await.expect(303);
    let refused = ada.get("/orgs/elsewhere").await.expect(404);
    ada.get("/no/such/page").await.expect(404);
    ada.send_whatever_comes(ada.request(&"A".repeat(5000), "/login")).await.expect(405);
    assert!(service.terminate().success());
    let events = events(folder.path());
    assert!(with_message(&events, "answered").is_empty());
    let slow = with_message(&events, "answered slowly");
    assert!(slow.iter().any(|event| event["spans"][0]["route"] == "/signup"), "{events:?}");
    let told = events.iter().find(|event| {
        event["spans"][0]["id"] == refused.header("x-request-id") && event["status"] == 404
    });
    assert!(told.expect("a line")["spans"][0]["person"].is_string());
    let methods = events.iter().filter_map(|event| event["spans"][0]["method"].as_str());
    assert_eq!(methods.map(str::len).max(), Some(16));
    assert!(
        events.iter().all(|event| event["spans"][0]["route"] != "none" || event["level"] != "INFO")
    );
}

#[test]
fn with_json_the_words_of_a_start_and_of_a_wrong_setting_are_json_too() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [("TENANTRY_LOG_FORMAT", "json")];
    let mut service = logged(folder.path(), &variables);
    assert!(service.terminate().success());
    for line in &service.printed {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        assert!(event["message"].is_string() && event["timestamp"].is_string(), "{line}");
    }
    let mut wrong = command(folder.path(), &[], None);
    wrong.envs(variables).env("TENANTRY_MAX_CONNECTIONS", "many");
    let output = wrong.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let event: Value = serde_json::from_str(said.trim_end()).unwrap_or_else(|_| panic!("{said}"));
    assert_eq!(event["level"], "ERROR");
    assert!(event["message"].as_str().unwrap().contains("TENANTRY_MAX_CONNECTIONS"), "{said}");
}

#[tokio::test]
async fn a_mail_is_told_with_what_the_mail_server_answered() {
    let start = log::end();
    let app = TestApp::spawn().await;
    app.founder("Ada Lovelace", "Acme").await;
    let mail = app.last_mail(&email_of("Ada Lovelace")).await;
    let id = mail.message_id.trim_start_matches('<').split('@').next().unwrap().to_owned();
    let told = line_with(start, &format!("mail={id}"));
    assert!(told.contains("mail was accepted") && told.contains("answer=\"250"), "{told}");
    assert!(!told.contains("@example.test"), "{told}");
}

#[tokio::test]
async fn what_an_operator_does_is_told_with_ids() {
    let start = log::end();
    let app = TestApp::spawn().await;
    app.founder("Ada Lovelace", "Acme").await;
    let olga = app.founder("Olga Operator", "Olga Ltd").await;
    let grant = OperatorCommand::Grant { email: email_of("Olga Operator") };
    operators::run(&app.app, &grant).await.unwrap();
    let page = olga.get("/operator/organizations?q=acme").await.expect(200);
    let id = page.attribute("tbody tr", "id").replace("organization-", "");
    let fields = [("reason", "Ticket 42: nothing is found"), ("minutes", "15")];
    olga.post(&format!("/operator/organizations/{id}/enter"), &fields).await.expect(303);
    let told = line_with(start, "action=\"operator.entered\"");
    assert!(told.contains("by=operator") && told.contains(&format!("organization={id}")), "{told}");
    assert!(told.contains("route=\"/operator/organizations/{id}/enter\""), "{told}");
}

/// Returns the first line of the log after `start` that contains `words`.
fn line_with(start: usize, words: &str) -> String {
    let log = String::from_utf8(log::since(start)).unwrap();
    let line = log.lines().find(|line| line.contains(words));
    line.unwrap_or_else(|| panic!("no line with {words} in:\n{log}")).to_owned()
}
