//! Whether the service still answers others while very many people sign in, and while very many
//! hold idle connections open.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::http::{self, Client};
use crate::report::milliseconds;
use crate::server::Server;
use crate::stage::{Engine, Stage};

/// How many people sign in at the same moment.
const SIGN_INS: usize = 200;
/// How long `/healthz` may take meanwhile.
const HEALTH: Duration = Duration::from_millis(200);
/// How many idle connections are held open.
const HALF_OPEN: usize = 500;
/// How long a page may take then.
const PAGE: Duration = Duration::from_secs(1);

/// Measures and says whether the limits hold.
pub async fn measure(engine: Engine) -> bool {
    let stage = Stage::build(engine).await;
    let mut command = stage.tenantry("serve");
    // For the service, everybody comes from another network.
    command.env("TENANTRY_TRUSTED_PROXIES", "1");
    let tenantry = Server::start(command, "/login").await;
    crate::report::title(engine);
    let emails = stage.texts("select email from users order by id limit 200").await;
    assert_eq!(emails.len(), SIGN_INS, "as many people in the demonstration");
    let holds = sign_ins(&tenantry, &emails).await;
    let holds = half_open(&tenantry).await && holds;
    tenantry.stop();
    stage.remove().await;
    holds
}

async fn sign_ins(tenantry: &Server, emails: &[String]) -> bool {
    let mut rush = JoinSet::new();
    for (nth, email) in emails.iter().enumerate() {
        let email = email.replace('@', "%40");
        let form = format!("email={email}&password=demonstration+only");
        let from = format!("x-forwarded-for: 203.0.{}.{}\r\n", nth / 200, nth % 200);
        let (request, address) = (http::post("/login", &form, &from), tenantry.address);
        rush.spawn(async move { Client::connect(address).await.send(&request).await.status });
    }
    let began = Instant::now();
    let (mut worst, mut looks) = (Duration::ZERO, 0);
    let mut answers = BTreeMap::<u16, usize>::new();
    while !rush.is_empty() {
        let asked = Instant::now();
        let mut client = Client::connect(tenantry.address).await;
        assert_eq!(client.send(&http::get("/healthz", "")).await.status, 200);
        worst = worst.max(asked.elapsed());
        looks += 1;
        tokio::time::sleep(Duration::from_millis(5)).await;
        while let Some(status) = rush.try_join_next() {
            *answers.entry(status.expect("it is answered")).or_default() += 1;
        }
    }
    let all = milliseconds(began.elapsed());
    println!(
        "\n{SIGN_INS} sign-ins at once: all answered after {all:.0} ms, by status {answers:?}"
    );
    told("/healthz meanwhile, the slowest", worst, HEALTH, looks)
}

async fn half_open(tenantry: &Server) -> bool {
    let mut held = Vec::new();
    for nth in 0..HALF_OPEN {
        let mut stream = TcpStream::connect(tenantry.address).await.expect("the server listens");
        let begun = match nth % 3 {
            0 => "",
            1 => "GET /login HTTP/1.1\r\nhost: loc",
            _ => {
                "POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-length: 20\r\n\
                 content-type: application/x-www-form-urlencoded\r\n\r\nemail=some"
            }
        };
        stream.write_all(begun.as_bytes()).await.expect("the server reads");
        held.push(stream);
    }
    let (mut worst, mut looks) = (Duration::ZERO, 0);
    for path in ["/healthz", "/readyz", "/login", "/signup"].repeat(10) {
        let asked = Instant::now();
        let mut client = Client::connect(tenantry.address).await;
        assert_eq!(client.send(&http::get(path, "")).await.status, 200);
        worst = worst.max(asked.elapsed());
        looks += 1;
    }
    println!("\n{HALF_OPEN} connections held open");
    told("pages meanwhile, the slowest", worst, PAGE, looks)
}

fn told(what: &str, worst: Duration, limit: Duration, looks: usize) -> bool {
    let (took, aim) = (milliseconds(worst), milliseconds(limit));
    let word = if worst <= limit { "" } else { "  TOO MUCH" };
    println!("{what:32} {took:8.1} ms of {looks} (aim: <= {aim:.0}){word}");
    worst <= limit
}
