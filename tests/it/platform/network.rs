//! Clients that are slow, numerous, or send too much, and how the service stops whatever they do.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tenantry::platform::config::Config;
use tenantry::platform::error::AppError;
use tenantry::platform::web::limits::Timeouts;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{PASSWORD, TestApp, email_of};

/// The time within which an answer must come if nothing delays it, even on a busy machine.
const SOON: Duration = Duration::from_secs(5);

fn impatient(config: Config) -> Config {
    config.with_timeouts(Timeouts {
        answer: Duration::from_secs(60),
        head: Duration::from_secs(2),
        body_pause: Duration::from_secs(1),
        body: Duration::from_secs(3),
        idle: Duration::from_secs(3),
        stop: Duration::from_secs(5),
    })
}

/// Opens a connection and sends `text` over it.
async fn send(app: &TestApp, text: &str) -> TcpStream {
    let address = app.origin.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The service may close the connection before it has read everything.
    let _enough = stream.write_all(text.as_bytes()).await;
    stream
}

/// Returns everything that the service sends until it closes the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    // A connection that is cut off is closed, too.
    let _over = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut text))
        .await
        .expect("the service closes it");
    String::from_utf8_lossy(&text).into_owned()
}

/// A form whose last bytes never come.
fn half_a_form(app: &TestApp) -> String {
    let host = app.origin.strip_prefix("http://").unwrap();
    format!(
        "POST /login HTTP/1.1\r\nhost: {host}\r\ncontent-length: 20\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\nemail=somebody"
    )
}

async fn hold_open(app: &TestApp, number: usize) -> Vec<TcpStream> {
    let mut held = Vec::new();
    for nth in 0..number {
        let text = match nth % 3 {
            0 => String::new(),
            1 => "GET /login HTTP/1.1\r\nhost: loc".to_owned(),
            _ => half_a_form(app),
        };
        held.push(send(app, &text).await);
    }
    held
}

#[tokio::test]
async fn half_open_connections_hold_up_nobody_else() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let held = hold_open(&app, 500).await;
    for path in ["/healthz", "/readyz", "/orgs/acme"] {
        let began = Instant::now();
        ada.get(path).await.expect(200);
        assert!(began.elapsed() < SOON, "{path}: {:?}", began.elapsed());
    }
    drop(held);
}

#[tokio::test]
async fn a_client_that_takes_its_time_is_cut_off() {
    let app = TestApp::spawn_with(impatient).await;
    let mut silent = send(&app, "").await;
    let mut half_a_head = send(&app, "GET /healthz HTTP/1.1\r\nhost: loc").await;
    let mut half_a_body = send(&app, &half_a_form(&app)).await;
    let mut done = send(&app, "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert_eq!(rest(&mut silent).await, "");
    assert_eq!(rest(&mut half_a_head).await, "");
    let answer = rest(&mut half_a_body).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("content-security-policy: default-src 'none'"), "{answer}");
    let answer = rest(&mut done).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("ok\n"), "{answer}");
}

#[tokio::test]
async fn bytes_that_trickle_win_no_time() {
    let app = TestApp::spawn_with(impatient).await;
    for start in ["GET /healthz HTTP/1.1\r\nx: ".to_owned(), half_a_form(&app).replace("20", "999")]
    {
        let mut stream = send(&app, &start).await;
        let began = Instant::now();
        while stream.write_all(b"a").await.is_ok() && began.elapsed() < Duration::from_secs(20) {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{start}");
    }
}

#[tokio::test]
async fn connections_beyond_the_last_place_are_told_so_and_places_come_back() {
    let app = TestApp::spawn_with(|config| config.with_connections(10)).await;
    let held = hold_open(&app, 10).await;
    let mut one_more = send(&app, "").await;
    let answer = rest(&mut one_more).await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after:"), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(answer.contains(&format!("content-length: {}\r\n", body.len())), "{answer}");
    drop(held);
    let began = Instant::now();
    loop {
        let request = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        if rest(&mut send(&app, request).await).await.starts_with("HTTP/1.1 200 ") {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "no place came back");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn heads_and_bodies_have_an_end() {
    let app = TestApp::spawn().await;
    let many = (0..200).map(|n| format!("x-{n}: 1\r\n")).collect::<String>();
    let long = format!("x: {}\r\n", "a".repeat(100_000));
    for headers in [many, long, format!("x: {}\r\n", "a".repeat(1_000_000))] {
        let text = format!(
            "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n"
        );
        let answer = rest(&mut send(&app, &text).await).await;
        // A client that is still sending when the connection is closed may not receive the reason.
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
    let browser = app.browser();
    let big = "x".repeat(70_000);
    let page = browser.post("/password/forgot", &[("email", &big)]).await.expect(413);
    assert_eq!(page.count(".error-page h1"), 1);
    let request = "POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99999999999\r\n\r\n";
    let answer = rest(&mut send(&app, request).await).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn a_flood_of_sign_ins_is_answered_and_leaves_the_rest_alone() {
    let app = TestApp::spawn().await;
    app.founder("Ada Lovelace", "Acme").await;
    let email = email_of("Ada Lovelace");
    let mut flood = tokio::task::JoinSet::new();
    for nth in 0..200 {
        let (browser, email) = (app.browser(), email.clone());
        flood.spawn(async move {
            let password = if nth % 2 == 0 { PASSWORD } else { "not the right one" };
            browser.post("/login", &[("email", &email), ("password", password)]).await
        });
    }
    let watcher = app.browser();
    for _ in 0..5 {
        let began = Instant::now();
        watcher.get("/healthz").await.expect(200);
        assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    while let Some(answer) = flood.join_next().await {
        let answer = answer.unwrap();
        let status = answer.status.as_u16();
        assert!([303, 422, 429, 503].contains(&status), "{status}: {}", answer.body);
        let says_when = !answer.header("retry-after").is_empty();
        assert_eq!(says_when, matches!(status, 429 | 503), "{status}");
    }
    app.work().await;
}

#[tokio::test]
async fn passwords_beyond_those_that_may_wait_for_a_processor_are_told_that_it_is_busy() {
    // At full cost, so that none is done before all have asked.
    let cost = argon2::Params::DEFAULT;
    let app = TestApp::spawn_with(|config| config.with_password_cost(cost)).await;
    let passwords = &app.app.passwords;
    let tries = (0..200).map(|_| passwords.verify("not the right one".to_owned(), None));
    let answers = join_all(tries).await;
    let busy = answers.iter().filter(|answer| matches!(answer, Err(AppError::Busy))).count();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    assert_eq!(busy, 200 - 64 - processors, "one at each processor, and 64 that wait");
    assert!(!passwords.verify("again".to_owned(), None).await.unwrap(), "places come back");
}

/// A client that, like a browser, sends its whole body before it reads.
#[tokio::test]
async fn someone_who_sends_far_too_much_reads_why_it_was_refused() {
    let app = TestApp::spawn().await;
    let address = app.origin.strip_prefix("http://").unwrap().to_owned();
    let heads = [
        "content-length: 20000000\r\ncontent-type: application/x-www-form-urlencoded",
        "transfer-encoding: chunked\r\ncontent-type: application/x-www-form-urlencoded",
    ];
    for head in heads {
        let is_chunked = head.starts_with("transfer");
        let request = format!("POST /login HTTP/1.1\r\nhost: {address}\r\n{head}\r\n\r\n");
        let address = address.clone();
        let sent = tokio::task::spawn_blocking(move || {
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
            let part = [b"10000\r\n".as_slice(), &[b'a'; 65_536], b"\r\n"].concat();
            let part = if is_chunked { &part[..] } else { &part[7..65_543] };
            for _ in 0..305 {
                std::io::Write::write_all(&mut stream, part).unwrap();
            }
            let mut answer = Vec::new();
            let read = std::io::Read::read_to_end(&mut stream, &mut answer);
            (read.map_err(|error| error.to_string()), String::from_utf8(answer).unwrap())
        });
        let (read, answer) = sent.await.unwrap();
        assert!(read.is_ok(), "{head}: {read:?}");
        assert!(answer.starts_with("HTTP/1.1 413 "), "{head}: {answer}");
        assert!(answer.trim_end().ends_with("</html>"), "{answer}");
    }
}
