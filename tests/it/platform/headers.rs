//! Every answer tells browsers the same, whatever its status. Names contain the requirement of ASVS
//! 5.0 that they cover.

use std::collections::BTreeSet;
use std::time::Duration;

use tenantry::platform::throttle::Limits;
use tenantry::platform::web::limits::Timeouts;
use tenantry::router;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::world::House;
use crate::support::{Answer, Browser, TestApp, email_of};

/// Files at addresses without a version, which browsers keep for a while.
const WELL_KNOWN: [&str; 5] = [
    "/favicon.ico",
    "/apple-touch-icon.png",
    "/manifest.webmanifest",
    "/robots.txt",
    "/.well-known/security.txt",
];

/// The statuses of all answers so far.
#[derive(Default)]
struct Seen(BTreeSet<u16>);

impl Seen {
    /// Fails the test unless `answer` has all headers that every answer must have.
    fn check(&mut self, answer: &Answer, is_https: bool) {
        let Answer { status, headers, body, path, .. } = answer;
        let told = format!("{status} {path}: {headers:?}");
        self.0.insert(status.as_u16());
        let header = |name: &str| {
            assert!(headers.get_all(name).iter().count() <= 1, "{name} twice: {told}");
            answer.header(name)
        };
        let policy = header("content-security-policy");
        let is_mail = path.starts_with("/dev/mailbox/") && path.ends_with("/html");
        for part in ["default-src 'none'", "frame-ancestors 'none'"] {
            assert!(is_mail || policy.split("; ").any(|known| known == part), "{part}: {told}");
        }
        assert!(is_mail || !policy.contains("unsafe"), "{told}");
        assert!(!policy.contains("script-src 'self'") && !policy.contains('*'), "{told}");
        let referrer = header("referrer-policy");
        assert!(["same-origin", "no-referrer"].contains(&referrer), "{told}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-frame-options", if is_mail { "SAMEORIGIN" } else { "DENY" }),
        ] {
            assert_eq!(header(name), value, "{name}: {told}");
        }
        assert!(!header("permissions-policy").is_empty(), "{told}");
        let transport = header("strict-transport-security");
        let expected = if is_https { "max-age=31536000; includeSubDomains" } else { "" };
        assert_eq!(transport, expected, "{told}");
        let is_file = WELL_KNOWN.contains(&path.as_str()) || path.starts_with("/static/");
        let is_file = is_file && status.is_success();
        assert!(is_file || header("cache-control") == "no-store", "{told}");
        for name in ["server", "x-powered-by", "via", "access-control-allow-origin"] {
            assert!(!headers.contains_key(name), "{name}: {told}");
        }
        for words in ["axum", "hyper", "rust", env!("CARGO_PKG_VERSION")] {
            let says = |value: &[u8]| String::from_utf8_lossy(value).to_lowercase().contains(words);
            // A nonce may say anything by chance.
            let fixed = headers.iter().filter(|(name, _)| *name != "content-security-policy");
            let mut fixed = fixed.map(|(_, value)| value);
            assert!(!fixed.any(|value| says(value.as_bytes())), "{words}: {told}");
        }
        let kind = header("content-type");
        if !body.is_empty() {
            assert!(!kind.is_empty(), "{told}");
        }
        let is_binary = ["image/png", "image/vnd.microsoft.icon", "application/json"];
        let is_binary = is_binary.contains(&kind);
        assert!(kind.is_empty() || is_binary || kind.ends_with("; charset=utf-8"), "{told}");
        if *status == 405 {
            assert!(header("allow").contains("GET") || header("allow").contains("POST"), "{told}");
        }
        if [429, 503].contains(&status.as_u16()) && !path.ends_with("readyz") {
            assert!(!header("retry-after").is_empty(), "{told}");
        }
        if [401, 403, 404].contains(&status.as_u16()) {
            assert!(header("www-authenticate").is_empty(), "{told}");
        }
    }
}

/// Sends `text` and returns everything that comes until the service closes the connection.
async fn bytes(app: &TestApp, text: &str) -> String {
    let address = app.origin.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The service may close the connection before it has read everything.
    let _enough = stream.write_all(text.as_bytes()).await;
    rest(&mut stream).await
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let all = stream.read_to_end(&mut bytes);
    // A client that is still sending when the connection is closed is cut off.
    let _over = tokio::time::timeout(Duration::from_secs(30), all).await.expect("it is closed");
    String::from_utf8(bytes).unwrap()
}

async fn raw(app: &TestApp, text: &str) -> Answer {
    parse(&bytes(app, text).await, text)
}

/// Parses the only answer to what was sent.
fn parse(answer: &str, sent: &str) -> Answer {
    let path: String = sent.chars().take(60).collect();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{path}: {answer}"));
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let headers = lines.map(|line| line.split_once(": ").unwrap());
    let headers: reqwest::header::HeaderMap =
        headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
    let length = headers.get("content-length").map(|n| n.to_str().unwrap().parse::<usize>());
    assert!(length.is_none_or(|length| length == Ok(body.len())), "{path}: {answer}");
    Answer::new(status.parse().unwrap(), headers, body.to_owned(), path)
}

/// Fills each parameter of a path with a plausible value.
fn filled(path: &str, house: &House) -> String {
    let mut noun = "";
    let parts = path.split('/').skip(1).map(|part| {
        let filled = match part {
            "{slug}" => house.slug.clone(),
            "{token}" => "A".repeat(43),
            "{*path}" => "app.css".to_owned(),
            part if part.starts_with('{') && path.starts_with("/orgs/") => house.id(noun, path),
            part if part.starts_with('{') => "00000000-0000-0000-0000-000000000000".to_owned(),
            part => part.to_owned(),
        };
        if !part.starts_with('{') {
            noun = part;
        }
        filled
    });
    format!("/{}", parts.collect::<Vec<_>>().join("/"))
}

#[tokio::test]
async fn asvs_3_4_every_answer_of_every_route_carries_the_security_headers() {
    let app = TestApp::spawn_with(|config| config.without_smtp()).await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    app.work().await;
    let mut seen = Seen::default();
    // No mail server is set, so the mailbox is among the routes, and it holds an email.
    let mails = ada.get("/dev/mailbox").await;
    let mail = mails.attribute("a.mail-link", "href");
    for path in ["/dev/mailbox".to_owned(), mail.clone(), format!("{mail}/html")] {
        seen.check(&ada.get(&path).await.expect(200), false);
    }
    // Leave the mailbox as a mail server would have left it.
    app.database.execute("update outbox set sealed = null").await.unwrap();
    let world = crate::support::world::World::new().await;
    let (app, house) = (&world.app, &world.acme);
    let nobody = app.browser();
    let mut tested = 0;
    for route in router::routes(&app.app) {
        let path = filled(route.path, house);
        for browser in [&nobody, &house.owner] {
            let mut methods = vec!["HEAD", "OPTIONS", "TRACE", "DELETE"];
            if route.method == "GET" {
                methods.push("GET");
            }
            for method in methods {
                let answer = browser.send(browser.request(method, &path)).await;
                assert!(method != "TRACE" || answer.status == 405, "{path}: {}", answer.status);
                assert!(method != "HEAD" || answer.body.is_empty(), "{path}");
                seen.check(&answer, false);
                tested += 1;
            }
            if route.method == "POST" {
                // This form lacks its token, which every route refuses.
                let form = browser.request("POST", &path).header("origin", &app.origin);
                let answer = browser.send_as_it_is(form.form(&[("x", "y")])).await;
                seen.check(&answer, false);
                // A mail program has no token; the link itself decides.
                let refused = if route.from_anywhere { 404 } else { 403 };
                assert_eq!(answer.status, refused, "{path}");
                let other = browser.request("POST", &path).body("{}");
                let other = other.header("content-type", "application/json");
                seen.check(&browser.send(other).await, false);
                tested += 2;
            }
        }
        let htmx = nobody.htmx_get(&path).await;
        seen.check(&htmx, false);
        let json = nobody.request("GET", &path).header("accept", "application/json");
        seen.check(&nobody.send(json).await, false);
    }
    assert!(tested >= 800, "{tested} answers");
    for status in [200, 204, 303, 400, 403, 404, 405] {
        assert!(seen.0.contains(&status), "{status}: {:?}", seen.0);
    }
    app.work().await;
}

fn impatient(timeouts: Timeouts) -> Timeouts {
    Timeouts { body_pause: Duration::from_secs(1), ..timeouts }
}

/// Sends a GET request for `path` to `app` from a new browser, with these headers.
async fn get(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Answer {
    let browser: Browser = app.browser();
    let mut request = browser.request("GET", path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    browser.send_as_it_is(request).await
}

#[tokio::test]
async fn asvs_3_4_answers_to_what_is_no_good_request_carry_them_too_with_https_and_without() {
    for is_https in [false, true] {
        let app = TestApp::spawn_with(|config| {
            let timeouts = impatient(config.timeouts);
            let config = config.with_timeouts(timeouts).with_connections(20);
            let config = config.with_throttle(Limits {
                per_account: 2,
                per_network: 10_000,
                ..Limits::default()
            });
            match is_https {
                true => config.with_base_url("https://tenantry.example.test".parse().unwrap()),
                false => config,
            }
        })
        .await;
        let origin = app.app.config.origin();
        let host = origin.split_once("://").unwrap().1.to_owned();
        let mut seen = Seen::default();
        let long = "a".repeat(70_000);
        let very_long = "a".repeat(200_000);
        let many = (0..150).map(|n| format!("x-{n}: 1\r\n")).collect::<String>();
        let close = "connection: close\r\n\r\n";
        for (text, status) in [
            ("nonsense\r\n\r\n".to_owned(), 400),
            (format!("GET /login HTTP/1.1\r\nhost: {host}\r\nno colon\r\n\r\n"), 400),
            (format!("GET /login HTTP/1.1\r\nhost: {host}\r\na\0b: c\r\n\r\n"), 400),
            (format!("GET /login HTTP/1.1\nhost: {host}\n\n"), 400),
            (format!("GET /login HTTP/1.1\r\nhost: {host}\nx: y\r\n\r\n"), 400),
            (format!("GET /login HTTP/1.1\r\nhost: {host}\r\n\n"), 400),
            (format!("\nGET /login HTTP/1.1\r\nhost: {host}\r\n\r\n"), 400),
            (format!("GET /log in HTTP/1.1\r\nhost: {host}\r\n\r\n"), 400),
            (format!("GET /login HTTP/9.9\r\nhost: {host}\r\n\r\n"), 400),
            (format!("GET /login HTTP/1.1\r\n{close}"), 400),
            (format!("GET /login HTTP/1.1\r\nhost: {host}\r\nhost: {host}\r\n{close}"), 400),
            (format!("GET /login HTTP/1.1\r\nhost: {host}\r\nx: {long}\r\n{close}"), 431),
            (format!("GET /login HTTP/1.1\r\nhost: {host}\r\n{many}{close}"), 431),
            (format!("GET /{very_long} HTTP/1.1\r\nhost: {host}\r\n{close}"), 431),
            (format!("GET /login HTTP/1.1\r\nhost: evil.test\r\n{close}"), 421),
            (format!("OPTIONS * HTTP/1.1\r\nhost: {host}\r\n{close}"), 404),
            (format!("CONNECT {host}:443 HTTP/1.1\r\nhost: {host}:443\r\n{close}"), 0),
            (format!("BREW /login HTTP/1.1\r\nhost: {host}\r\n{close}"), 405),
            (format!("GET /login HTTP/1.0\r\nhost: {host}\r\n\r\n"), 200),
            (
                format!(
                    "POST /login HTTP/1.1\r\nhost: {host}\r\ncontent-length: 99999999999\r\n\r\n"
                ),
                413,
            ),
            (
                format!("POST /login HTTP/1.1\r\nhost: {host}\r\ncontent-length: 10\r\n\r\nemail"),
                408,
            ),
            (
                format!(
                    "POST /login HTTP/1.1\r\nhost: {host}\r\ntransfer-encoding: chunked\r\n\r\nXX\r\n"
                ),
                400,
            ),
        ] {
            let answer = raw(&app, &text).await;
            let is_right = match status {
                0 => answer.status.is_client_error(),
                status => answer.status == status,
            };
            assert!(is_right, "{}: {}", answer.path, answer.status);
            if answer.status != 200 {
                assert_eq!(answer.count(".error-page h1"), 1, "{}: {}", answer.path, answer.body);
            }
            seen.check(&answer, is_https);
        }

        // A malformed request follows a good one immediately, in the same write.
        let lone = format!("GET /healthz HTTP/1.1\r\nhost: {host}\nx: y\r\n\r\n");
        for behind in ["nonsense\r\n\r\n", &lone] {
            let both = format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\n\r\n{behind}");
            let answers = bytes(&app, &both).await;
            let (good, bad) = answers.split_once("ok\n").expect("the good one is answered");
            assert!(good.starts_with("HTTP/1.1 200 "), "{answers}");
            seen.check(&parse(bad, "behind a good one").expect(400), is_https);
        }

        // Sign in with a wrong name until it has been tried too often.
        let fields = [("email", "nobody@example.test"), ("password", "not the right one")];
        let browser = app.browser();
        for status in [422, 422, 429] {
            // Like a request from a program, which needs no token.
            let form = app.browser().request("POST", "/login").form(&fields);
            let answer = browser.send_as_it_is(form).await.expect(status);
            seen.check(&answer, is_https);
        }
        app.work().await;
        for (path, headers) in [
            ("/nowhere", &[][..]),
            ("/nowhere", &[("hx-request", "true")]),
            ("/nowhere", &[("accept", "application/json")]),
            ("/static/app.css", &[]),
            ("/static/logo.svg", &[]),
            ("/static/none.css", &[]),
            ("/password/reset", &[]),
            ("/healthz", &[]),
            ("/readyz", &[]),
            ("/orgs", &[]),
        ] {
            seen.check(&get(&app, path, headers).await, is_https);
        }

        // All places are taken.
        let address = app.origin.strip_prefix("http://").unwrap();
        let mut held = Vec::new();
        for _ in 0..30 {
            held.push(TcpStream::connect(address).await.unwrap());
        }
        let refused = rest(held.last_mut().unwrap()).await;
        seen.check(&parse(&refused, "one too many").expect(503), is_https);
        drop(held);
        tokio::time::sleep(Duration::from_millis(700)).await;

        // A table that the answer needs is gone.
        app.database.execute("alter table users rename to people").await.unwrap();
        let form = app.browser().request("POST", "/signup").form(&[
            ("name", "Ada"),
            ("email", "ada@example.test"),
            ("password", "correct horse battery"),
            ("organization", "Acme"),
        ]);
        let fault = browser.send_as_it_is(form).await.expect(500);
        assert!(!fault.body.contains("users"), "{}", fault.body);
        seen.check(&fault, is_https);
        app.database.execute("alter table people rename to users").await.unwrap();
        app.app.close().await;
        // The result of the last check is kept for a second.
        app.advance(time::Duration::minutes(1));
        seen.check(&get(&app, "/readyz", &[]).await.expect(503), is_https);
        for status in [200, 303, 400, 404, 405, 408, 410, 413, 421, 422, 429, 431, 500, 503] {
            assert!(seen.0.contains(&status), "{status}: {:?}", seen.0);
        }
    }
}

#[tokio::test]
async fn asvs_14_2_1_pages_of_tokens_send_no_referrer() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let link = app.invite(&ada, "acme", "guest@example.test", "viewer").await;
    let verify = app.last_mail(&email_of("Ada Lovelace")).await.link("/verify/");
    for path in [
        link.as_str(),
        &verify,
        "/password/reset",
        "/signup/x",
        "/email/x",
        "/email/undo/x",
        "/not-me/x",
        "/help/x",
    ] {
        let answer = app.browser().get(path).await;
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}
