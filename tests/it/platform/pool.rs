//! One connection, two organizations, and clients that disappear: neither organization ever sees
//! anything of the other, and everything acknowledged is stored.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tenantry::platform::config::Config;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::{Browser, TestApp};

const REQUESTS: usize = 1_000;

/// An organization, with a word that occurs in everything that belongs to it.
struct Side {
    slug: &'static str,
    mark: &'static str,
    /// The word of the other organization.
    foreign: &'static str,
    owner: Browser,
    cookie: String,
}

/// Returns a number that looks random but is the same every time.
fn chance(of: usize) -> usize {
    let mut number = of as u64 ^ 0x9e37_79b9_7f4a_7c15;
    for shift in [30, 27, 31] {
        number = (number ^ (number >> shift)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    (number >> 33) as usize
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_requests_of_two_organizations_share_one_connection() {
    let only_one =
        |config: Config| config.with_settings(|settings| settings.database_connections = 1);
    let app = TestApp::spawn_with(only_one).await;
    let marigold = side(&app, "Marigold", "marigold", "Thistle").await;
    let thistle = side(&app, "Thistle", "thistle", "Marigold").await;
    let sides = Arc::new([marigold, thistle]);
    let next = AtomicUsize::new(0);
    // Several workers at once, so that they wait for the connection and get it in turn.
    let workers = (0..6).map(|_| async {
        let mut kept = Vec::new();
        let mut vanished = 0;
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= REQUESTS {
                return (kept, vanished);
            }
            let side = &sides[number % 2];
            match chance(number) % 4 {
                0 => {
                    side.vanish(number).await;
                    vanished += 1;
                }
                1 => kept.extend(side.write(number).await),
                _ => side.read(number).await,
            }
        }
    });
    let done = futures_util::future::join_all(workers).await;
    let kept: Vec<String> = done.iter().flat_map(|(kept, _)| kept.clone()).collect();
    let vanished: usize = done.iter().map(|(_, vanished)| vanished).sum();
    println!("{REQUESTS} requests: {} acknowledged writes, {vanished} vanished", kept.len());
    assert!(kept.len() >= 150 && vanished >= 150, "{} and {vanished}", kept.len());
    let there = app.database.texts("select name from clients").await;
    let lost: Vec<&String> = kept.iter().filter(|name| !there.contains(name)).collect();
    assert!(lost.is_empty(), "acknowledged, and gone: {lost:?}");
    let astray = "select c.name from clients c join organizations o on o.id = c.organization_id
                  where c.name not like o.name || '%'";
    assert_eq!(app.database.texts(astray).await, [""; 0], "rows in the other organization");
    expect_no_open_transaction(&app).await;
    for side in sides.iter() {
        side.read(0).await;
    }
    app.work().await;
}

async fn side(
    app: &TestApp,
    name: &'static str,
    slug: &'static str,
    foreign: &'static str,
) -> Side {
    let owner = app.founder(&format!("{name} Owner"), name).await;
    let fields = [("name", format!("{name} first"))];
    let answer = owner.send(owner.request("POST", &format!("/orgs/{slug}/clients")).form(&fields));
    answer.await.expect(303);
    // Cookies for the clients that write to a socket directly.
    let email = crate::support::email_of(&format!("{name} Owner"));
    let fields = [("email", email.as_str()), ("password", crate::support::PASSWORD)];
    let answer = app.browser().post("/login", &fields).await;
    let cookies = answer.headers.get_all("set-cookie").iter();
    let cookies: Vec<&str> =
        cookies.filter_map(|cookie| cookie.to_str().ok()?.split(';').next()).collect();
    Side { slug, mark: name, foreign, owner, cookie: cookies.join("; ") }
}

impl Side {
    /// Reads one of the pages: everything on it belongs to this organization.
    async fn read(&self, number: usize) {
        let pages = ["", "/members", "/clients", "/projects", "/clients?q=first", "/settings"];
        let path = format!("/orgs/{}{}", self.slug, pages[chance(number + 7) % pages.len()]);
        let answer = self.owner.get(&path).await;
        // A queue of six for one connection is short: nobody is turned away.
        let answer = answer.expect(200);
        assert!(answer.body.contains(self.mark), "{path}: {}", answer.body);
        assert!(!answer.body.contains(self.foreign), "{path}: {}", answer.body);
    }

    /// Adds a client and returns its name if that was acknowledged.
    async fn write(&self, number: usize) -> Option<String> {
        let name = format!("{} {number}", self.mark);
        let path = format!("/orgs/{}/clients", self.slug);
        let answer = self.owner.post(&path, &[("name", &name)]).await.expect(303);
        assert!(!answer.body.contains(self.foreign), "{}", answer.body);
        Some(name)
    }

    /// Sends a request and disconnects before the answer, or in the middle of it.
    async fn vanish(&self, number: usize) {
        let pause = Duration::from_micros((chance(number + 3) % 9_000) as u64);
        if number.is_multiple_of(3) {
            let path = format!("/orgs/{}/clients", self.slug);
            let _cut_off = tokio::time::timeout(pause, self.owner.get(&path)).await;
            return;
        }
        let address: SocketAddr =
            self.owner.origin.trim_start_matches("http://").parse().expect("an address");
        let mut socket = TcpStream::connect(address).await.unwrap();
        let body = format!("name={}+vanished+{number}", self.mark);
        // Some bodies are shorter than their stated length.
        let sent = if number.is_multiple_of(5) { &body[..body.len() / 2] } else { &body };
        let request = format!(
            "POST /orgs/{}/clients HTTP/1.1\r\nhost: {address}\r\ncookie: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{sent}",
            self.slug,
            self.cookie,
            body.len(),
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        tokio::time::sleep(pause).await;
        // There is no goodbye: the service notices when it writes.
        drop(socket);
    }
}

/// Fails unless every transaction of the application ends shortly after its last request.
async fn expect_no_open_transaction(app: &TestApp) {
    if app.database.is_postgres() {
        let open = "select count(*) from pg_stat_activity
                    where datname = current_database() and state like 'idle in transaction%'";
        for _ in 0..50 {
            if app.database.number(open).await == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("a connection is idle in a transaction");
    }
    // A transaction that was left open would block this one.
    app.database.execute("begin immediate; rollback").await.unwrap();
}
