//! What it writes, and what goes on where nothing can be written.

use std::process::Stdio;

use crate::support::PASSWORD;
use crate::support::service::{ADA, Service, command};

#[tokio::test]
async fn asvs_16_2_1_each_line_of_the_log_is_an_event_with_its_request_and_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let variables =
        [("TENANTRY_LOG_FORMAT", "json"), ("RUST_LOG", "tenantry=trace,info,sqlx=warn")];
    let mut command = command(folder.path(), &[], None);
    command.envs(variables).stderr(std::fs::File::create(&log).unwrap());
    let mut service = Service::start_as(command);
    let browser = service.browser();
    browser.post("/signup", &ADA).await.expect(303);
    browser.post("/account", &[("name", "Ada\r\n{\"level\":\"ERROR\"}")]).await;
    let token = browser.token().await;
    let request = browser
        .request("POST", "/login")
        .header("user-agent", "agent\tforged")
        .form(&[("email", "x\r\n{\"forged\":1}"), ("password", "a secret that was typed")]);
    let refused = browser.send(request).await.expect(422);
    let tokenless = browser.request("POST", "/account").header("x-csrf-token", "wrong");
    browser.send_as_it_is(tokenless).await.expect(403);
    assert!(service.terminate().success());
    let log = std::fs::read_to_string(log).unwrap();
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let id = refused.header("x-request-id");
    let of_it = lines.iter().find(|line| line["spans"][0]["id"] == id);
    assert_eq!(of_it.expect("a line of the request")["message"], "sign-in refused");
    assert!(lines.iter().all(|line| line["timestamp"].as_str().unwrap().ends_with('Z')));
    assert!(lines.iter().all(|line| line.get("forged").is_none()));
    for secret in [PASSWORD, "a secret that was typed", token.as_str()] {
        assert!(!log.contains(secret), "{secret} stands in the log");
    }
}

/// The log cannot be written: on a full disk, or to a reader who has gone away.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_log_that_cannot_be_written_stops_nothing() {
    let full = || Stdio::from(std::fs::File::options().write(true).open("/dev/full").unwrap());
    for format in ["text", "json"] {
        for is_full in [true, false] {
            let folder = tempfile::tempdir().unwrap();
            let mut command = command(folder.path(), &[], None);
            command.env("TENANTRY_LOG_FORMAT", format);
            command.stderr(if is_full { full() } else { Stdio::piped() });
            let mut service = Service::start_as(command);
            drop(service.child.stderr.take());
            let browser = service.browser();
            browser.submit("/signup", &ADA).await.expect(200);
            let wrong = [("email", "ada@example.test"), ("password", "a wrong password")];
            service.browser().post("/login", &wrong).await.expect(422);
            browser.get("/orgs/acme").await.expect(200);
            assert!(service.terminate().success(), "{format}, {is_full}");
        }
    }
    // A failing command still ends with its usual exit code.
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(folder.path(), &["doctor"], Some("nothing"));
    let status = command.stdout(full()).stderr(full()).status().unwrap();
    assert_eq!(status.code(), Some(1));
}

#[tokio::test]
async fn a_reader_of_the_log_that_does_not_keep_up_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(folder.path(), &[], None);
    command.stderr(Stdio::piped());
    let mut service = Service::start_as(command);
    // Nobody reads, and there is more than a pipe and the queue can hold.
    let browser = service.browser();
    for _ in 0..12 {
        let refused = (0..500).map(|_| {
            let request = browser.request("POST", "/login").header("cookie", "a=b");
            browser.send_as_it_is(request)
        });
        for answer in futures_util::future::join_all(refused).await {
            answer.expect(403);
        }
    }
    browser.get("/healthz").await.expect(200);
    browser.submit("/signup", &ADA).await.expect(200);
    let mut log = service.child.stderr.take().unwrap();
    let reading = std::thread::spawn(move || {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut log, &mut text).unwrap();
        text
    });
    browser.get("/orgs/acme").await.expect(200);
    assert!(service.terminate().success());
    let text = reading.join().unwrap();
    assert!(text.contains("lines of the log could not be written"), "{} bytes", text.len());
}

#[cfg(unix)]
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the test starts the program in a shell")]
async fn a_file_that_may_not_grow_any_further_is_an_outage_and_no_end() {
    let folder = tempfile::tempdir().unwrap();
    // In blocks of 512 bytes, the unit of `ulimit` in `sh`.
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "ulimit -f 6000; exec \"$0\"", env!("CARGO_BIN_EXE_tenantry")]);
    let own = command(folder.path(), &[], None);
    limited.current_dir(folder.path()).stderr(Stdio::null());
    for (name, value) in own.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    let mut service = Service::start_as(limited);
    let browser = service.browser();
    browser.submit("/signup", &ADA).await.expect(200);
    let long = "x".repeat(4000);
    let mut refused = 0;
    for number in 0..2000 {
        let name = format!("Project {number}");
        let fields = [("name", name.as_str()), ("description", long.as_str())];
        let answer = browser.post("/orgs/acme/projects", &fields).await;
        match answer.status.as_u16() {
            303 => {}
            503 => refused += 1,
            status => panic!("{status}: {}", answer.body),
        }
        if refused == 3 {
            break;
        }
    }
    assert_eq!(refused, 3);
    browser.get("/healthz").await.expect(200);
    browser.get("/orgs/acme").await.expect(200);
    assert!(service.terminate().success());
}
