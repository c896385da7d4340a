//! The program itself: started, stopped, killed, and set up wrongly.

#![expect(clippy::disallowed_methods, reason = "these tests start the program and wait for it")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use crate::support::{Browser, PASSWORD, TestDatabase};

/// A running service.
struct Service {
    child: Child,
    origin: String,
    printed: Vec<String>,
}

fn command(folder: &Path, arguments: &[&str], database: Option<&str>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenantry"));
    command.args(arguments).current_dir(folder).env("TENANTRY_LISTEN", "127.0.0.1:0");
    for name in ["TENANTRY_BASE_URL", "TENANTRY_SMTP_URL", "TENANTRY_DATABASE_URL"] {
        command.env_remove(name);
    }
    if let Some(url) = database {
        command.env("TENANTRY_DATABASE_URL", url);
    }
    command
}

impl Service {
    fn start(folder: &Path, arguments: &[&str], database: Option<&str>) -> Self {
        let mut child = command(folder, arguments, database)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut printed = Vec::new();
        let mut origin = None;
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        while let Some(Ok(line)) = lines.next() {
            if let Some(at) = line.strip_prefix("Tenantry is at ") {
                origin = Some(at.to_owned());
            }
            printed.push(line);
            if printed.last().unwrap().contains("ail ") {
                break;
            }
        }
        Self { child, origin: origin.unwrap_or_else(|| panic!("{printed:?}")), printed }
    }

    fn browser(&self) -> Browser {
        Browser::new(&self.origin)
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn terminate(&mut self) -> std::process::ExitStatus {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.child.wait().unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    command(folder.path(), arguments, None).envs(variables.iter().copied()).output().unwrap()
}

const ADA: [(&str, &str); 4] = [
    ("name", "Ada Lovelace"),
    ("email", "ada@example.test"),
    ("password", PASSWORD),
    ("organization", "Acme"),
];

#[test]
fn a_wrong_setting_is_one_clear_line_and_exit_code_1() {
    for (variable, value, words) in [
        ("TENANTRY_LISTEN", "nowhere", "TENANTRY_LISTEN"),
        ("TENANTRY_BASE_URL", "not a url", "TENANTRY_BASE_URL"),
        ("TENANTRY_DATABASE_URL", "mysql://u:secret@h/d", "TENANTRY_DATABASE_URL"),
        ("TENANTRY_DATABASE_URL", "postgres://u:secret@127.0.0.1:1/d", "TENANTRY_DATABASE_URL"),
        ("TENANTRY_DATABASE_URL", "sqlite:/proc/nowhere/x.db", "cannot"),
        ("TENANTRY_SMTP_URL", "gopher://u:secret@h", "TENANTRY_SMTP_URL"),
        ("TENANTRY_LOG_FORMAT", "yaml", "yaml"),
        ("TENANTRY_BASE_URL", "http://public.example.test", "plain http"),
    ] {
        let output = run(&[], &[(variable, value)]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{variable}={value}: {said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(said.starts_with("tenantry: ") && said.contains(words), "{said}");
        assert!(!said.contains("secret"), "{said}");
    }
    let output = run(&["--no-such-flag"], &[]);
    assert_eq!(output.status.code(), Some(1));
    let help = run(&["--help"], &[]);
    assert!(help.status.success());
    let help = String::from_utf8(help.stdout).unwrap();
    for setting in [
        "TENANTRY_LISTEN",
        "TENANTRY_BASE_URL",
        "TENANTRY_DATABASE_URL",
        "TENANTRY_SMTP_URL",
        "TENANTRY_MAIL_FROM",
        "TENANTRY_LOG_FORMAT",
    ] {
        assert!(help.contains(setting), "{setting}");
    }
}

#[tokio::test]
async fn a_fresh_start_needs_nothing_and_mail_lands_in_the_mailbox() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Service::start(folder.path(), &[], None);
    assert!(
        service.printed.iter().any(|line| line.ends_with("/dev/mailbox")),
        "{:?}",
        service.printed
    );
    assert!(folder.path().join("data/tenantry.db").exists());
    let browser = service.browser();
    let page = browser.submit("/signup", &ADA).await.expect(200);
    assert_eq!(page.path, "/orgs/acme");
    let mailbox = wait_for_mail(&browser, 1).await;
    assert_eq!(mailbox.text(".mail-to"), "To ada@example.test");
    let mail = mailbox.attribute("a.mail-link", "href");
    let shown = browser.get(&mail).await.expect(200);
    assert!(shown.text(".mail-text").contains("/verify/"));
    let html = browser.get(&shown.attribute("iframe", "src")).await.expect(200);
    assert!(html.header("content-security-policy").contains("sandbox"));
    assert!(html.body.contains("/verify/"));
    assert!(service.terminate().success(), "it ends in order when it is asked to");
}

/// The mailbox once it holds `count` mails.
async fn wait_for_mail(browser: &Browser, count: usize) -> crate::support::Answer {
    for _ in 0..100 {
        let page = browser.get("/dev/mailbox").await.expect(200);
        if page.count(".mail-list li") >= count {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the mail does not come");
}

#[tokio::test]
async fn sessions_and_what_was_acknowledged_survive_a_kill_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create().await;
    let url = Some(database.url.as_str());
    let service = Service::start(folder.path(), &[], url);
    let browser = service.browser();
    browser.submit("/signup", &ADA).await.expect(200);
    let mut origin = service.origin.clone();
    let mut service = service;
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        // Invitations come in one after the other until the process is killed among them.
        let client = browser.client.clone();
        let at = origin.clone();
        let sender = tokio::spawn(async move {
            let mut done = Vec::new();
            for number in 0.. {
                let email = format!("guest{round}x{number}@example.test");
                let request = client
                    .post(format!("{at}/orgs/acme/invitations"))
                    .form(&[("email", email.as_str()), ("role", "viewer")]);
                match request.send().await {
                    Ok(answer) if answer.status().is_redirection() => done.push(email),
                    _ => return done,
                }
            }
            done
        });
        tokio::time::sleep(std::time::Duration::from_millis(150)).await;
        service.kill();
        acknowledged.extend(sender.await.unwrap());
        service = Service::start(folder.path(), &[], url);
        origin = service.origin.clone();
        // Cookies hold for a host, whatever its port.
        let page = Browser { origin: origin.clone(), client: browser.client.clone() };
        page.get("/orgs/acme").await.expect(200);
    }
    assert!(!acknowledged.is_empty());
    let stored = database.texts("select email from invitations").await;
    for email in &acknowledged {
        assert!(stored.contains(email), "{email} was acknowledged and is gone");
    }
    let half = "select count(*) from invitations i where not exists (
        select 1 from invitation_links l join outbox o on o.id = l.mail_id
        where l.invitation_id = i.id)";
    assert_eq!(database.number(half).await, 0, "an invitation without its link or its mail");
    drop(service);
    database.remove().await;
}

#[tokio::test]
async fn the_demonstration_is_full_and_prints_a_sign_in() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &["demo"], None);
    let line = service.printed.iter().find(|line| line.starts_with("Sign in as ")).unwrap();
    let (email, password) = line["Sign in as ".len()..].split_once(" with the password ").unwrap();
    let browser = service.browser();
    browser.post("/login", &[("email", email), ("password", password)]).await.expect_redirect("/");
    let page = browser.get("/orgs/harbour-works/members").await.expect(200);
    assert_eq!(page.text(".pager-text"), "1–50 of 256");
    assert_eq!(page.count(".switcher .dot"), 1);
    assert!(page.count("#switcher-list li") >= 4);
    drop(service);
    let again = Service::start(folder.path(), &["demo"], None);
    assert!(again.printed.iter().any(|line| line.starts_with("Sign in as ")));
}
