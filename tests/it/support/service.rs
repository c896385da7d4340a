//! The program itself, started for a test.

#![expect(clippy::disallowed_methods, reason = "tests start the program and end it")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::{Answer, Browser, PASSWORD};

/// A running service.
pub struct Service {
    pub child: Child,
    pub origin: String,
    pub printed: Vec<String>,
}

/// Returns a command that runs the program in `folder`.
pub fn command(folder: &Path, arguments: &[&str], database: Option<&str>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenantry"));
    command.args(arguments).current_dir(folder).env("TENANTRY_LISTEN", "127.0.0.1:0");
    // Tests that do not start their database must not wait for one.
    command.env("TENANTRY_DATABASE_WAIT", "0");
    for name in ["TENANTRY_BASE_URL", "TENANTRY_SMTP_URL", "TENANTRY_DATABASE_URL"] {
        command.env_remove(name);
    }
    if let Some(url) = database {
        command.env("TENANTRY_DATABASE_URL", url);
    }
    command
}

impl Service {
    pub fn start(folder: &Path, arguments: &[&str], database: Option<&str>) -> Self {
        let mut command = command(folder, arguments, database);
        command.stderr(Stdio::null());
        Self::start_as(command)
    }

    pub fn start_as(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut printed = Vec::new();
        let mut origin = None;
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        while let Some(Ok(line)) = lines.next() {
            // In JSON the text is quoted.
            if let Some((_, at)) = line.split_once("Tenantry is at ") {
                origin = at.split('"').next().map(ToOwned::to_owned);
            }
            printed.push(line);
            if printed.last().unwrap().contains("ail ") {
                break;
            }
        }
        Self { child, origin: origin.unwrap_or_else(|| panic!("{printed:?}")), printed }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(&self.origin)
    }

    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn terminate(&mut self) -> std::process::ExitStatus {
        self.signal("-TERM");
        self.child.wait().unwrap()
    }

    pub fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

/// The fields of a sign-up form.
pub const ADA: [(&str, &str); 4] = [
    ("name", "Ada Lovelace"),
    ("email", "ada@example.test"),
    ("password", PASSWORD),
    ("organization", "Acme"),
];

/// Returns the mailbox once it holds `count` emails.
pub async fn wait_for_mail(browser: &Browser, count: usize) -> Answer {
    for _ in 0..100 {
        let page = browser.get("/dev/mailbox").await.expect(200);
        if page.count(".mail-list li") >= count {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the mail does not come");
}

/// Follows the link in the first email.
pub async fn confirm_address(service: &Service, browser: &Browser) {
    let mailbox = wait_for_mail(browser, 1).await;
    let mail = browser.get(&mailbox.attribute("a.mail-link", "href")).await.expect(200);
    let text = mail.text(".mail-text");
    let link = text.split_whitespace().find(|word| word.contains("/verify/")).unwrap();
    browser.post(link.strip_prefix(&service.origin).unwrap(), &[]).await.expect(303);
}
