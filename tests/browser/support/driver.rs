//! The WebDriver process, which starts browsers and controls them for the tests.

use std::path::Path;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use super::process::Process;

const FLAGS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--window-size=1280,900",
    // A name other than loopback under which the program can be reached.
    "--host-resolver-rules=MAP intranet.test 127.0.0.1",
];

/// A running driver. Browsers outlive it, so each has to be closed with [`Driver::end`].
pub struct Driver {
    url: String,
    _process: Process,
}

impl Driver {
    /// Starts a driver on a free port; it and its browsers put their files into `folder`.
    pub fn start(folder: &Path) -> Self {
        let mut command = Process::command(&program("CHROMEDRIVER", "chromedriver"));
        command.arg("--port=0").env("TMPDIR", folder);
        let (process, port) = Process::start(command, "started successfully on port ");
        let url = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
        Self { url, _process: process }
    }

    /// Starts a browser that keeps its profile in `folder`.
    pub async fn browser(&self, folder: &Path, has_script: bool) -> Client {
        let folder = format!("--user-data-dir={}", folder.display());
        let flags: Vec<&str> = FLAGS.into_iter().chain([folder.as_str()]).collect();
        // In the settings, 2 stands for "not allowed".
        let prefs = match has_script {
            true => json!({}),
            false => json!({ "profile.managed_default_content_settings.javascript": 2 }),
        };
        let binary = program("CHROMIUM", "chromium");
        let wishes = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "binary": binary, "args": flags, "prefs": prefs },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let Value::Object(wishes) = wishes else { unreachable!("it is an object") };
        ClientBuilder::new(HttpConnector::new())
            .capabilities(wishes)
            .connect(&self.url)
            .await
            .expect("the browser starts")
    }

    /// Closes the browser of a session, and returns the errors of its pages. It has its own
    /// connection to the driver, because the test's runtime may be ending.
    pub async fn end(&self, session: &str) -> Vec<String> {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let session = format!("{}/session/{session}", self.url);
        let log = http.post(format!("{session}/se/log")).body(r#"{"type":"browser"}"#).send().await;
        let log = log.unwrap().text().await.unwrap();
        http.delete(&session).send().await.unwrap();
        let log: Value = serde_json::from_str(&log).unwrap();
        let entries = log["value"].as_array().unwrap_or_else(|| panic!("no log: {log}"));
        entries.iter().filter(|entry| is_complaint(entry)).map(message).collect()
    }
}

/// Whether an entry of the console's log is an error. Answers with 4xx are for the tests to judge.
fn is_complaint(entry: &Value) -> bool {
    let message = message(entry);
    let is_refusal = entry["source"] == "network" && message.contains("with a status of 4");
    // The tests take the network away, and put a proxy without a server in its place.
    let is_failure = ["ERR_INTERNET_DISCONNECTED", "Failed to fetch", "with a status of 502"]
        .iter()
        .any(|words| message.contains(words));
    // Over plain http under a name, browsers ignore this header, and log that for every page.
    let is_plain = message.contains("The Cross-Origin-Opener-Policy header has been ignored");
    message.contains("Content Security Policy")
        || entry["level"] == "SEVERE" && !is_refusal && !is_plain && !is_failure
}

fn message(entry: &Value) -> String {
    entry["message"].as_str().unwrap_or_default().to_owned()
}

fn program(variable: &str, otherwise: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| otherwise.to_owned())
}
