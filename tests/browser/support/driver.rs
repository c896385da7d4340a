//! The driver: it starts browsers and hands on what the tests want of them.

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
    // A name that is not loopback's, under which the program can be reached.
    "--host-resolver-rules=MAP intranet.test 127.0.0.1",
];

/// The driver while it runs. A browser outlives it: each has to be ended by [`Driver::end`].
pub struct Driver {
    url: String,
    _process: Process,
}

impl Driver {
    /// Starts one on a free port; what it and its browsers leave behind is in `folder`.
    pub fn start(folder: &Path) -> Self {
        let mut command = Process::command(&program("CHROMEDRIVER", "chromedriver"));
        command.arg("--port=0").env("TMPDIR", folder);
        let (process, port) = Process::start(command, "started successfully on port ");
        let url = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
        Self { url, _process: process }
    }

    /// Starts a browser that keeps what it keeps in `folder`.
    pub async fn browser(&self, folder: &Path, has_script: bool) -> Client {
        let folder = format!("--user-data-dir={}", folder.display());
        let flags: Vec<&str> = FLAGS.into_iter().chain([folder.as_str()]).collect();
        // 2 is what the settings page calls "not allowed".
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

    /// Ends the browser of a session and gives what its pages have complained of. It speaks to the
    /// driver by itself, since the runtime of the test may be ending.
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

/// Whether an entry of the console's log must not be there. That a page was answered with 4xx is
/// for the test to judge.
fn is_complaint(entry: &Value) -> bool {
    let message = message(entry);
    let is_refusal = entry["source"] == "network" && message.contains("with a status of 4");
    // Over plain http under a name, browsers leave this header alone and say so on every page.
    let is_plain = message.contains("The Cross-Origin-Opener-Policy header has been ignored");
    message.contains("Content Security Policy")
        || entry["level"] == "SEVERE" && !is_refusal && !is_plain
}

fn message(entry: &Value) -> String {
    entry["message"].as_str().unwrap_or_default().to_owned()
}

fn program(variable: &str, otherwise: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| otherwise.to_owned())
}
