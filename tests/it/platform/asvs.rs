//! Requirements of ASVS 5.0 that concern the product as a whole. docs/security.md names the test
//! for each requirement; a test here checks that it does.

use std::collections::{BTreeSet, VecDeque};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::world::World;
use crate::support::{Answer, Browser, Snapshot, TestApp, files};

const ADA: &str = "Ada Lovelace";
/// Text that would become an element, an attribute or an expression wherever it is not encoded.
const PROBE: &str = "\"'><xss-probe a=b>{{7919*7907}}";

/// Follows links from `start` and returns every page found, as the signed-in user of `browser` sees
/// it.
pub(crate) async fn pages_from(browser: &Browser, start: &[&str]) -> Vec<Answer> {
    let mut waiting: VecDeque<String> = start.iter().map(|path| (*path).to_owned()).collect();
    let mut seen: BTreeSet<String> = waiting.iter().cloned().collect();
    let mut pages = Vec::new();
    while let Some(path) = waiting.pop_front() {
        let page = browser.get(&path).await;
        for link in page.attributes("a[href]", "href") {
            let link = link.split('#').next().unwrap_or_default();
            // A list needs to be visited only once, whatever its query.
            let shape = link.split('?').next().unwrap_or_default().to_owned();
            if link.starts_with('/') && seen.insert(shape) {
                waiting.push_back(link.to_owned());
            }
        }
        pages.push(page);
    }
    pages
}

#[tokio::test]
async fn asvs_1_2_1_no_field_adds_an_element_to_any_page_or_mail() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let created = |answer: Answer| answer.expect(303).location().unwrap();
    created(ada.post("/account", &[("name", PROBE)]).await);
    created(ada.post("/orgs/acme/settings", &[("name", PROBE), ("slug", "acme")]).await);
    let client = created(ada.post("/orgs/acme/clients", &[("name", PROBE)]).await);
    let client = client.rsplit('/').next().unwrap();
    let fields = [("name", PROBE), ("client", client), ("description", PROBE)];
    let project = created(ada.post("/orgs/acme/projects", &fields).await);
    created(ada.post(&format!("{project}/tasks"), &[("title", PROBE)]).await);
    created(ada.post(&format!("{project}/comments"), &[("body", PROBE)]).await);
    let fields = [("list", "projects"), ("name", PROBE), ("query", "?mine=1")];
    created(ada.post("/orgs/acme/filters", &fields).await);
    app.trust(ADA).await;
    let fields = [("email", "bo@example.test"), ("role", "viewer"), ("message", PROBE)];
    created(ada.post("/orgs/acme/invitations", &fields).await);
    let mail = app.last_mail("bo@example.test").await;
    assert!(mail.text.contains(PROBE) && !mail.html.contains("<xss-probe"), "{}", mail.html);

    let search = form_urlencoded::byte_serialize(PROBE.as_bytes()).collect::<String>();
    let found = format!("/orgs/acme/members?q={search}");
    let wrong = format!("/login?next={search}&email={search}");
    let start = ["/orgs/acme", "/account", "/orgs", &found, &wrong];
    let pages = pages_from(&ada, &start).await;
    let shown = pages.iter().filter(|page| page.html().html().contains("xss-probe"));
    assert!(pages.len() >= 30 && shown.count() >= 20, "{} pages", pages.len());
    for page in &pages {
        assert_eq!(page.count("xss-probe"), 0, "{}", page.path);
        assert_eq!(page.count("[a]"), 0, "{}", page.path);
        let is_worked_out = page.body.contains("62615533");
        assert!(!is_worked_out, "{}: an expression was worked out", page.path);
        // Every page has a sign-out button for those who are signed in.
        let is_ours = page.status == 200 && page.count("body.app") == 1;
        assert!(!is_ours || page.count("form[action='/logout']") >= 1, "{}", page.path);
    }
}

#[tokio::test]
async fn asvs_1_1_1_text_is_kept_as_it_was_typed_and_encoded_once() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let typed = "Tom & Jerry <1> &amp; %41 \\ é";
    let path = ada.post("/orgs/acme/clients", &[("name", typed)]).await.location().unwrap();
    let page = ada.get(&path).await.expect(200);
    assert_eq!(page.text("h1"), typed);
    assert_eq!(app.database.texts("select name from clients").await, [typed]);
    let edit = ada.get(&format!("{path}/edit")).await.expect(200);
    assert_eq!(edit.attribute("#name", "value"), typed);
    app.work().await;
}

#[tokio::test]
async fn asvs_7_4_4_every_page_has_the_way_out() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let pages = pages_from(&ada, &["/orgs/acme", "/account", "/orgs"]).await;
    let ours = pages.iter().filter(|page| page.count("body.app") == 1);
    let without = ours.clone().filter(|page| page.count("form[action='/logout']") == 0);
    assert!(ours.count() >= 15, "{} pages", pages.len());
    assert_eq!(without.map(|page| &page.path).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[tokio::test]
async fn asvs_3_5_3_reading_changes_nothing() {
    let world = World::new().await;
    let before = Snapshot::take(&world.app).await;
    let inside = world.calls(&world.acme).into_iter().map(|call| call.path);
    let account = ["/", "/orgs", "/account", "/account/security", "/account/sessions"];
    let paths: Vec<String> = inside.chain(account.map(str::to_owned)).collect();
    assert!(paths.len() >= 70, "{}", paths.len());
    for path in &paths {
        for method in ["GET", "HEAD", "OPTIONS"] {
            let request = world.acme.owner.request(method, path);
            let answer = world.acme.owner.send(request).await;
            assert!(!answer.status.is_server_error(), "{method} {path}: {}", answer.status);
        }
    }
    before.expect_unmoved(&world.app).await;
}

#[tokio::test]
async fn asvs_6_3_2_a_fresh_installation_has_no_account_and_no_operator() {
    let app = TestApp::spawn().await;
    for table in ["users", "operators", "organizations", "memberships", "sign_ins"] {
        let count = app.database.number(&format!("select count(*) from {table}")).await;
        assert_eq!(count, 0, "{table}");
    }
}

#[tokio::test]
async fn asvs_13_4_1_nothing_of_the_installation_is_served() {
    let app = TestApp::spawn().await;
    for path in [
        "/.git/config",
        "/.env",
        "/static",
        "/static/",
        "/static/../Cargo.toml",
        "/static/%2e%2e/Cargo.toml",
        "/static/..%2fCargo.toml",
        "/data/secret.key",
        "/metrics",
        "/debug",
        "/server-status",
        "/dev/mailbox",
    ] {
        let answer = app.browser().get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains("[package]"), "{path}");
    }
    let health = app.browser().get("/healthz").await.expect(200);
    assert_eq!(health.body, "ok\n");
    for name in ["server", "x-powered-by", "via"] {
        assert_eq!(health.header(name), "");
    }
}

#[tokio::test]
async fn asvs_4_2_1_no_request_hides_behind_another() {
    let app = TestApp::spawn().await;
    let host = app.origin.strip_prefix("http://").unwrap();
    let hidden = format!("GET /readyz HTTP/1.1\r\nhost: {host}\r\n\r\n");
    for head in [
        format!("content-length: 0\r\ncontent-length: {}", hidden.len()),
        format!("content-length: {}, 0", hidden.len()),
        "content-length: +0".to_owned(),
        "transfer-encoding: xchunked".to_owned(),
        "transfer-encoding: chunked, identity".to_owned(),
        "transfer-encoding: gzip, chunked".to_owned(),
        format!("content-length: {}\r\ntransfer-encoding: chunked", hidden.len()),
    ] {
        let mut stream = TcpStream::connect(host).await.unwrap();
        let request = format!("POST /login HTTP/1.1\r\nhost: {host}\r\n{head}\r\n\r\n{hidden}");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 "), "{head}: {answer}");
        assert!(!answer.contains("ready\n"), "{head}: {answer}");
    }
}

#[test]
fn asvs_1_2_5_the_program_starts_no_other_and_asks_no_other_server() {
    let means = ["process::Command", "Command::new", "reqwest", "UdpSocket", "TcpStream::connect"];
    for (path, text) in files("src", ".rs") {
        // One of the operator's commands connects to this installation itself, at its configured
        // base URL.
        let means = means.iter().filter(|mean| {
            !(path.ends_with("src/doctor/ask.rs") && **mean == "TcpStream::connect")
        });
        for mean in means {
            assert!(!text.contains(mean), "{path} has {mean}");
        }
    }
}

#[test]
fn asvs_1_3_7_templates_are_compiled_and_encode_everything() {
    let templates = files("templates", ".html");
    assert!(templates.len() > 50);
    for (path, text) in templates {
        assert!(!text.contains("|safe") && !text.contains("| safe"), "{path}");
        assert!(!text.contains(" style=") || path.contains("/mail/"), "{path}");
        for script in text.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(tag.contains("nonce=") && tag.contains("src="), "{path}: {tag}");
            assert!(script.starts_with(&format!("{tag}></script>")), "{path} has a script in it");
        }
    }
}

/// The requirements that docs/security.md must mention, in the order of its chapters.
const ROWS: &str = "1.1.1 1.1.2 1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.2.10 1.3.4 1.3.5 1.3.6 1.3.7 1.3.11 \
    1.3.12 1.4.2 1.5.2 1.5.3 2.1.1 2.2.1 2.2.2 2.2.3 2.3.1 2.3.2 2.3.3 2.3.4 2.3.5 2.4.1 3.2.1 3.3.1 \
    3.3.2 3.3.3 3.3.4 3.3.5 3.4.1 3.4.2 3.4.3 3.4.4 3.4.5 3.4.6 3.4.8 3.5.1 3.5.2 3.5.3 3.5.6 3.5.7 \
    3.5.8 3.6.1 3.7.2 4.1.1 4.1.2 4.1.3 4.1.4 4.2.1 5.1.1 5.2.1 5.2.2 5.2.4 5.2.6 5.3.2 5.4.1 5.4.2 \
    6.1.1 6.1.2 6.1.3 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.2.9 6.2.10 6.2.11 6.2.12 \
    6.3.1 6.3.2 6.3.3 6.3.4 6.3.5 6.3.7 6.3.8 6.4.1 6.4.2 6.4.3 6.4.4 6.4.6 6.5.1 6.5.2 6.5.3 6.5.5 \
    6.5.6 6.5.8 6.6.2 6.6.3 6.7.2 7.1.1 7.1.2 7.2.1 7.2.2 7.2.3 7.2.4 7.3.1 7.3.2 7.4.1 7.4.2 7.4.3 \
    7.4.4 7.4.5 7.5.1 7.5.2 7.5.3 8.1.1 8.1.2 8.2.1 8.2.2 8.2.3 8.3.1 8.3.2 8.3.3 8.4.1 9.1.1 9.1.2 \
    9.1.3 9.2.1 9.2.2 11.2.4 11.3.2 11.3.3 11.4.1 11.4.2 11.5.1 12.1.1 12.3.1 12.3.2 13.1.1 13.1.2 \
    13.1.3 13.2.2 13.2.4 13.2.6 13.3.1 13.3.2 13.3.4 13.4.1 13.4.2 13.4.3 13.4.4 13.4.5 13.4.6 14.2.1 \
    14.2.2 14.2.5 14.2.7 14.2.8 14.3.1 14.3.2 14.3.3 15.1.1 15.1.2 15.2.1 15.3.1 15.3.2 15.3.3 15.3.4 \
    15.4.2 16.1.1 16.2.1 16.3.1 16.3.2 16.4.1 16.5.1 16.5.2 16.5.3 16.5.4";

#[test]
fn every_test_that_the_manual_names_with_its_module_exists() {
    let manual = &files("docs", "security.md")[0].1;
    let tests = files("tests", ".rs");
    let named: Vec<&str> =
        manual.split('`').skip(1).step_by(2).filter(|name| name.contains("::")).collect();
    assert!(named.len() > 10, "{named:?}");
    for name in named {
        let (module, stem) = name.rsplit_once("::").unwrap();
        let module = format!("/{}", module.replace("::", "/"));
        let test = format!("fn {}", stem.trim_end_matches('…'));
        let exists = tests.iter().any(|(path, text)| {
            let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
            path.ends_with(&module) && text.contains(&test)
        });
        assert!(exists, "there is no test {name}");
    }
}

#[test]
fn every_row_has_its_line_and_every_test_that_a_line_names_exists() {
    let manual = &files("docs", "security.md")[0].1;
    let tests: String = files("tests", ".rs")
        .into_iter()
        .chain(files("src", ".rs"))
        .map(|(_, text)| text)
        .collect();
    let lines: Vec<&str> = manual.lines().filter(|line| line.starts_with("| ")).collect();
    let rows = |line: &str| -> Vec<String> {
        let cell = line.split('|').nth(1).unwrap_or_default();
        cell.split(", ").map(|row| row.trim().to_owned()).collect()
    };
    let told: BTreeSet<String> = lines.iter().flat_map(|line| rows(line)).collect();
    let missing: Vec<&str> = ROWS.split_whitespace().filter(|row| !told.contains(*row)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "rows without a line in docs/security.md");
    for line in lines.iter().filter(|line| rows(line)[0].contains('.')) {
        let named: Vec<&str> = line.split('`').skip(1).step_by(2).collect();
        let named: Vec<&&str> = named.iter().filter(|name| name.contains("asvs_")).collect();
        let is_open = line.contains("Not applicable") || line.contains("By hand");
        assert!(is_open || !named.is_empty(), "names no test: {line}");
        for name in named {
            let stem = name.rsplit("::").next().unwrap().trim_end_matches('…');
            assert!(tests.contains(&format!("fn {stem}")), "there is no test {name}");
        }
    }
}
