//! Whether a page's cost depends on the number of other organizations, and what row-level security
//! costs. One client asks the services in turn, so that other load on the machine affects all of
//! them.

use std::time::{Duration, Instant};

use crate::data;
use crate::http::{self, Client};
use crate::plans::{self, Statement};
use crate::report;
use crate::server::Server;
use crate::stage::{self, Engine, Stage};

/// How many answers of each service are measured for each page.
const ANSWERS: usize = 400;
/// How many are sent before, to fill the caches.
const WARM_UP: usize = 60;

/// The measured organization, equal in every database.
const MEASURED: &str = "harbour-works";

struct Page {
    name: &'static str,
    path: &'static str,
    statement: Statement,
}

/// An organization with very many projects.
const CROWDED: &str = "workshop-1";
const CROWD: u32 = 50_000;

const PAGES: &[Page] = &[MEMBERS, PROJECTS];

const MEMBERS: Page = Page {
    name: "Members, 50 of 256",
    path: "/orgs/harbour-works/members",
    statement: Statement {
        name: "members by name",
        file: "src/core/members/people.rs",
        marks: &["order by p.name_key asc, p.id asc limit $6"],
        parameters: &[
            ("text", "''"),
            ("text", "'%%'"),
            ("text", "''"),
            ("uuid", "'00000000-0000-0000-0000-000000000000'"),
            ("bigint", "51"),
        ],
    },
};

const PROJECTS: Page = Page {
    name: "Projects, 50 of 200",
    path: "/orgs/harbour-works/projects",
    statement: Statement {
        name: "projects by name",
        file: "src/modules/work/projects/list.rs",
        marks: &["(p.name_key, p.id) > ($10, $11)"],
        parameters: &[
            ("boolean", "true"),
            ("uuid", "'00000000-0000-0000-0000-000000000000'"),
            ("text", "'current'"),
            ("text", "'%%'"),
            ("text", "''"),
            ("boolean", "false"),
            ("uuid", "null"),
            ("boolean", "false"),
            ("text", "''"),
            ("uuid", "'00000000-0000-0000-0000-000000000000'"),
            ("bigint", "51"),
        ],
    },
};

/// A service, and the connection of a signed-in person.
struct Asked {
    name: &'static str,
    server: Server,
    client: Client,
    cookie: String,
    times: Vec<Duration>,
}

impl Asked {
    async fn start(name: &'static str, stage: &Stage) -> Self {
        let server = Server::start(stage.tenantry("serve"), "/login").await;
        let cookie = stage::sign_in(server.address).await;
        let client = Client::connect(server.address).await;
        Self { name, server, client, cookie, times: Vec::new() }
    }

    fn p50(&self) -> f64 {
        report::median(self.times.iter().map(|time| report::milliseconds(*time)))
    }
}

pub async fn measure(engine: Engine) {
    let small = Stage::build(engine).await;
    let large = Stage::build(engine).await;
    for stage in [&small, &large] {
        data::add_projects(stage, MEASURED, 7, 200).await;
    }
    data::grow(&large).await;
    data::add_projects(&large, CROWDED, 8, CROWD).await;
    for stage in [&small, &large] {
        stage.tidy().await;
    }
    report::title(engine);
    let bare = match engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some(large.copy().await),
    };
    let mut services = vec![
        Asked::start("10 organizations", &small).await,
        Asked::start("10,000 organizations", &large).await,
    ];
    if let Some(stage) = &bare {
        services.push(Asked::start("10,000, no row security", stage).await);
        // Only now, because the service does not start over tables without isolation.
        stage.execute(WITHOUT_ROW_SECURITY).await;
        stage.tidy().await;
    }
    for page in PAGES {
        ask(&mut services, page.path).await;
        report::scale(page.name, &figures(&services));
    }
    ask(&mut services[1..2], "/orgs/workshop-1/projects").await;
    report::alone("Projects, 50 of 50,000", services[1].p50());
    for page in PAGES {
        plans::show(&large, &page.statement, MEASURED).await;
    }
    for service in services {
        service.server.stop();
    }
    for stage in [Some(small), Some(large), bare].into_iter().flatten() {
        stage.remove().await;
    }
}

const WITHOUT_ROW_SECURITY: &str = "do $$ declare t text; begin
    for t in select tablename from pg_tables where schemaname = 'public' loop
        execute format('alter table %I disable row level security', t);
    end loop;
end $$";

/// Asks all services in turn, and records how long the answers take.
async fn ask(services: &mut [Asked], path: &str) {
    for service in services.iter_mut() {
        service.times.clear();
    }
    for round in 0..WARM_UP + ANSWERS {
        for service in services.iter_mut() {
            let request = http::get(path, &service.cookie);
            let began = Instant::now();
            let answer = service.client.send(&request).await;
            let took = began.elapsed();
            assert_eq!(answer.status, 200, "{path}");
            if round >= WARM_UP {
                service.times.push(took);
            }
        }
    }
}

fn figures(services: &[Asked]) -> Vec<(&'static str, f64)> {
    services.iter().map(|service| (service.name, service.p50())).collect()
}
