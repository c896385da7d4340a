//! Compares the cost of a page with the least it could cost. `bin/bench` runs it.
//!
//! Two programs answer the same page from the same database in turn: Tenantry, and a bare axum
//! program that takes the page's rows in one statement and authenticates nobody. The figures mean
//! little on another machine, but their ratio does.

mod bare;
mod data;
mod http;
mod load;
mod plans;
mod report;
mod rush;
mod scale;
mod server;
mod stage;
mod timing;

use http::Client;
use load::Round;
use server::Server;
use stage::{Engine, Stage};

/// How often each program is measured. The two take turns, so that other load on the machine
/// affects both.
const ROUNDS: usize = 5;
/// How often the program is started to measure the start time.
const STARTS: usize = 5;

/// A page to be measured.
struct Page {
    name: &'static str,
    path: &'static str,
    /// The text before each item on the page: both programs must list the same items.
    item: &'static str,
}

const PAGES: [Page; 2] = [
    Page {
        name: "Members, 50 of 256 rows",
        path: "/orgs/harbour-works/members",
        item: "<tr id=\"person-",
    },
    Page { name: "Overview", path: "/orgs/harbour-works", item: "<span class=\"menu-item-name\">" },
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["bare", url] => bare::main(url),
        ["pages", "sqlite"] => run(measure(Engine::Sqlite)),
        ["pages", "postgres"] => run(measure(Engine::Postgres)),
        ["scale", "sqlite"] => run(scale::measure(Engine::Sqlite)),
        ["scale", "postgres"] => run(scale::measure(Engine::Postgres)),
        ["timing", "sqlite"] => held(run(timing::measure(Engine::Sqlite))),
        ["timing", "postgres"] => held(run(timing::measure(Engine::Postgres))),
        ["load", "sqlite"] => held(run(rush::measure(Engine::Sqlite))),
        ["load", "postgres"] => held(run(rush::measure(Engine::Postgres))),
        _ => {
            eprintln!(
                "bench: pages, scale, timing or load; sqlite or postgres? bin/bench runs all of them"
            );
            std::process::exit(2);
        }
    }
}

/// Uses one thread for the load, which leaves more of the machine for what is measured.
fn run<T>(measure: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(measure)
}

/// The exit code says whether the limits were kept.
fn held(holds: bool) {
    if !holds {
        std::process::exit(1);
    }
}

async fn measure(engine: Engine) {
    let stage = Stage::build(engine).await;
    report::title(engine);

    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let tenantry = Server::start(stage.tenantry("serve"), "/login").await;
        starts.push(tenantry.first_answer.as_secs_f64());
        tenantry.stop();
    }
    let tenantry = Server::start(stage.tenantry("serve"), "/login").await;
    let bare = Server::start(stage.bare(), PAGES[0].path).await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let idle = tenantry.memory();
    // Hashing a password takes 19 MB briefly, which must be released.
    let cookie = stage::sign_in(tenantry.address).await;
    let signed_in = tenantry.memory();

    for page in &PAGES {
        let request = http::get(page.path, &cookie);
        check(page, &request, &tenantry, &bare).await;
        load::warm_up(&tenantry, &request).await;
        load::warm_up(&bare, &request).await;
        let mut pairs: Vec<(Round, Round)> = Vec::new();
        for _ in 0..ROUNDS {
            let ours = load::round(&tenantry, &request).await;
            pairs.push((ours, load::round(&bare, &request).await));
        }
        report::page(page.name, &pairs);
    }
    report::start_and_memory(starts, idle, signed_in, tenantry.memory());
    report::log(stage.lines_logged());

    tenantry.stop();
    bare.stop();
    stage.remove().await;
}

/// Both must return the same rows, and about as many bytes, or their ratio would be meaningless.
async fn check(page: &Page, request: &[u8], tenantry: &Server, bare: &Server) {
    let ours = Client::connect(tenantry.address).await.text(request).await;
    let theirs = Client::connect(bare.address).await.text(request).await;
    assert_eq!(items(&ours, page.item), items(&theirs, page.item), "rows of {}", page.path);
    let ratio = ours.len() as f64 / theirs.len() as f64;
    assert!(
        (0.95..1.05).contains(&ratio),
        "{}: {} and {} bytes",
        page.path,
        ours.len(),
        theirs.len()
    );
}

fn items<'a>(page: &'a str, item: &str) -> Vec<&'a str> {
    page.split(item).skip(1).filter_map(|rest| rest.split(['"', '<']).next()).collect()
}
