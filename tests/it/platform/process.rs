//! The program itself: started, stopped, killed, and misconfigured.

#![expect(clippy::disallowed_methods, reason = "these tests start the program and wait for it")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use crate::support::{Browser, PASSWORD, TestDatabase, is_of_the_session};

/// A running service.
pub(crate) struct Service {
    pub child: Child,
    pub origin: String,
    pub printed: Vec<String>,
}

/// Returns a command that runs the program in `folder`.
pub(crate) fn command(folder: &Path, arguments: &[&str], database: Option<&str>) -> Command {
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

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn terminate(&mut self) -> std::process::ExitStatus {
        self.signal("-TERM");
        self.child.wait().unwrap()
    }

    fn signal(&self, signal: &str) {
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

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    command(folder.path(), arguments, None).envs(variables.iter().copied()).output().unwrap()
}

/// The fields of a sign-up form.
pub(crate) const ADA: [(&str, &str); 4] = [
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
    for (arguments, words) in [
        (&["--no-such-flag"][..], "Usage: tenantry"),
        (&["factors", "remove", "ada@example.test"], "--reason <REASON>"),
        (&["operator"], "grant"),
        (&["factors"], "keep"),
    ] {
        let output = run(arguments, &[]);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
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

#[test]
fn what_is_in_force_is_printed_without_secrets_and_with_where_it_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let env = folder.path().join("env");
    std::fs::write(&env, "TENANTRY_SIGN_UP=confirm\nTENANTRY_SIGN_IN=x\n").unwrap();
    let settings = [
        ("TENANTRY_ENV_FILE", env.to_str().unwrap()),
        ("TENANTRY_SMTP_URL", "smtp://mailer:s3cret@127.0.0.1:2525"),
    ];
    let output = run(&["config", "--trusted-proxies", "1"], &settings);
    let said = String::from_utf8(output.stdout).unwrap();
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{complaints}");
    for line in [
        "TENANTRY_SMTP_URL=smtp://mailer:HIDDEN@127.0.0.1:2525  (environment)".to_owned(),
        "TENANTRY_TRUSTED_PROXIES=1  (flag)".to_owned(),
        format!("TENANTRY_SIGN_UP=confirm  (environment file {})", env.display()),
        "TENANTRY_SECRET_KEY_FILE=data/secret.key  (default)".to_owned(),
    ] {
        assert!(said.lines().any(|own| own == line), "{line}: {said}");
    }
    assert_eq!(said.lines().count(), tenantry::platform::config::ALL.len(), "{said}");
    assert!(complaints.contains("TENANTRY_SIGN_IN (environment file "), "{complaints}");
    assert!(!said.contains("s3cret"), "{said}");
    // A wrong setting is reported after all the others.
    let output = run(&["config"], &[("TENANTRY_LISTEN", "here"), ("TENANTRY_SIGN_UP", "opne")]);
    let said = String::from_utf8(output.stdout).unwrap();
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("TENANTRY_LISTEN=here  (environment)"), "{said}");
    assert_eq!(complaints.lines().count(), 2, "{complaints}");
    assert!(complaints.lines().all(|line| line.starts_with("tenantry: TENANTRY_")), "{complaints}");
}

#[test]
fn a_variable_that_is_no_setting_is_named_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut command = command(folder.path(), &[], None);
    command.env("TENANTRY_SMTPURL", "smtp://u:s3cret@h");
    command.stderr(std::fs::File::create(&log).unwrap());
    let mut service = Service::start_as(command);
    assert!(service.terminate().success());
    let log = std::fs::read_to_string(log).unwrap();
    assert!(
        log.contains("a variable is not a setting") && log.contains("TENANTRY_SMTPURL"),
        "{log}"
    );
    assert!(log.contains("TENANTRY_SMTP_URL") && !log.contains("s3cret"), "{log}");
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

/// Returns the mailbox once it holds `count` emails.
pub(crate) async fn wait_for_mail(browser: &Browser, count: usize) -> crate::support::Answer {
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
pub(crate) async fn confirm_address(service: &Service, browser: &Browser) {
    let mailbox = wait_for_mail(browser, 1).await;
    let mail = browser.get(&mailbox.attribute("a.mail-link", "href")).await.expect(200);
    let text = mail.text(".mail-text");
    let link = text.split_whitespace().find(|word| word.contains("/verify/")).unwrap();
    browser.post(link.strip_prefix(&service.origin).unwrap(), &[]).await.expect(303);
}

#[tokio::test]
async fn sessions_and_what_was_acknowledged_survive_a_kill_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create().await;
    let url = Some(database.url.as_str());
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let listen = &["--listen", &free.to_string()];
    let service = Service::start(folder.path(), listen, url);
    let browser = service.browser();
    browser.submit("/signup", &ADA).await.expect(200);
    confirm_address(&service, &browser).await;
    let mut origin = service.origin.clone();
    let mut service = service;
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        // Invitations follow one after the other until the process is killed in between.
        let sending = browser.at(&origin);
        let token = browser.at(&origin).token().await;
        let sender = tokio::spawn(async move {
            let mut done = Vec::new();
            for number in 0.. {
                let email = format!("guest{round}x{number}@example.test");
                let fields = [("email", email.as_str()), ("role", "viewer"), ("csrf", &token)];
                let request = sending.request("POST", "/orgs/acme/invitations").form(&fields);
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
        service = Service::start(folder.path(), listen, url);
        origin = service.origin.clone();
        let page = browser.at(&origin);
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

#[test]
fn it_stops_in_time_whatever_clients_do() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Service::start(folder.path(), &[], None);
    let address = service.origin.strip_prefix("http://").unwrap().to_owned();
    let half_a_form = format!(
        "POST /login HTTP/1.1\r\nhost: {address}\r\ncontent-length: 20\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\nemail=somebody"
    );
    let mut held = Vec::new();
    for nth in 0..200 {
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        let text = [half_a_form.as_str(), "GET /login HTTP/1.1\r\nhost: loc", ""][nth % 3];
        stream.write_all(text.as_bytes()).unwrap();
        held.push(stream);
    }
    let began = std::time::Instant::now();
    assert!(service.terminate().success());
    // Its own limits end it after 28 seconds; the rest allows for a busy machine.
    assert!(began.elapsed() < std::time::Duration::from_secs(45), "{:?}", began.elapsed());
    drop(held);
}

#[test]
fn who_asks_twice_to_stop_is_not_kept_waiting() {
    for signals in [["-TERM", "-TERM"], ["-INT", "-INT"], ["-TERM", "-INT"]] {
        let folder = tempfile::tempdir().unwrap();
        let mut service = Service::start(folder.path(), &[], None);
        let address = service.origin.strip_prefix("http://").unwrap().to_owned();
        // A request that stays open for as long as a body may take.
        let mut held = std::net::TcpStream::connect(&address).unwrap();
        let text =
            format!("POST /login HTTP/1.1\r\nhost: {address}\r\ncontent-length: 20\r\n\r\ne");
        held.write_all(text.as_bytes()).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(50));
        service.signal(signals[0]);
        for _ in 0..100 {
            std::thread::sleep(std::time::Duration::from_millis(10));
            // Once it accepts no new connections, it has handled the first signal.
            if std::net::TcpStream::connect(&address).is_err() {
                break;
            }
        }
        assert!(service.child.try_wait().unwrap().is_none(), "it lets the request end");
        service.signal(signals[1]);
        assert_eq!(service.child.wait().unwrap().code(), Some(130), "{signals:?}");
    }
}

#[test]
fn a_service_that_is_asked_to_stop_as_soon_as_it_says_where_it_is_ends_in_order() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        assert!(Service::start(folder.path(), &[], None).terminate().success());
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
async fn a_file_that_may_not_grow_any_further_is_an_outage_and_no_end() {
    let folder = tempfile::tempdir().unwrap();
    // In blocks of 512 bytes, the unit of `ulimit` in `sh`.
    let mut limited = Command::new("sh");
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

#[tokio::test]
async fn asvs_7_2_3_ids_and_tokens_of_one_start_never_come_again_after_another() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen = std::collections::HashSet::new();
    let mut count = 0;
    for round in 0..3 {
        let mut service = Service::start(folder.path(), &[], None);
        for nth in 0..30 {
            let browser = service.browser();
            let page = browser.get("/login").await.expect(200);
            let mut cookies = vec![page.header("set-cookie").to_owned()];
            if nth == 0 {
                let email = format!("ada{round}@example.test");
                let fields = [ADA[0], ("email", email.as_str()), ADA[2], ADA[3]];
                let answer = browser.post("/signup", &fields).await.expect(303);
                let set = answer.headers.get_all("set-cookie").iter();
                cookies.extend(set.map(|cookie| cookie.to_str().unwrap().to_owned()));
                assert!(cookies.iter().any(|cookie| is_of_the_session(cookie)));
            }
            for cookie in cookies.iter().filter(|cookie| !cookie.contains("-flash=")) {
                count += 1;
                seen.insert(cookie.split(';').next().unwrap().to_owned());
            }
        }
        assert!(service.terminate().success());
    }
    assert!(count >= 93 && seen.len() == count, "{} of {count} are different", seen.len());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_service_manager_is_told_when_it_serves_and_when_it_stops() {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixDatagram};

    for is_abstract in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let abstract_name = format!("tenantry-{}", std::process::id());
        let (manager, name) = if is_abstract {
            let address = SocketAddr::from_abstract_name(&abstract_name).unwrap();
            (UnixDatagram::bind_addr(&address).unwrap(), format!("@{abstract_name}"))
        } else {
            (UnixDatagram::bind(&path).unwrap(), path.to_str().unwrap().to_owned())
        };
        let mut command = command(folder.path(), &[], None);
        command.env("NOTIFY_SOCKET", name).stderr(Stdio::null());
        let mut service = Service::start_as(command);
        let heard = || {
            let mut buffer = [0; 100];
            let length = manager.recv(&mut buffer).unwrap();
            String::from_utf8_lossy(&buffer[..length]).into_owned()
        };
        assert_eq!(heard(), "READY=1");
        service.browser().get("/healthz").await.expect(200);
        assert!(service.terminate().success());
        assert_eq!(heard(), "STOPPING=1");
    }
    // A missing socket stops nothing.
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(folder.path(), &[], None);
    command.env("NOTIFY_SOCKET", "/nowhere/notify").stderr(Stdio::null());
    let mut service = Service::start_as(command);
    service.browser().get("/healthz").await.expect(200);
    assert!(service.terminate().success());
}
