//! The database that both programs use, and how the programs are started.

use std::fs::File;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use tempfile::TempDir;
use tenantry::platform::config::DATABASE_ROLE;

use crate::http::Client;
use crate::server::Server;

/// How many organizations the demonstration's visitor creates besides the four that exist.
const MORE_ORGANIZATIONS: usize = 6;
/// The visitor's address, with whose sign-in the pages are requested.
pub const VISITOR: &str = "demo@tenantry.example";
const SIGN_IN: &str = "email=demo%40tenantry.example&password=demonstration+only";
/// The server that `bin/test --with-postgres` has started.
const POSTGRES: &str = "TENANTRY_TEST_DATABASE_URL";
const DATABASE_URL: &str = "TENANTRY_DATABASE_URL";

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A folder, and a database with ten organizations of one owner.
pub struct Stage {
    pub engine: Engine,
    folder: TempDir,
    /// The URL for the programs.
    pub url: String,
    /// On PostgreSQL, a URL that bypasses row-level security, for migrating and filling.
    pub owner_url: String,
    /// The PostgreSQL server, and the name of the database on it.
    on_server: Option<(String, String)>,
}

impl Stage {
    /// Creates and fills one.
    pub async fn build(engine: Engine) -> Self {
        let stage = match engine {
            Engine::Sqlite => {
                let folder = folder();
                let url = format!("sqlite:{}", folder.path().join("bench.db").display());
                Self { engine, folder, owner_url: url.clone(), url, on_server: None }
            }
            Engine::Postgres => {
                let stage = Self::on_server("create database {name}").await;
                let migrated =
                    stage.tenantry("migrate").env(DATABASE_URL, &stage.owner_url).status();
                assert!(migrated.expect("the program starts").success(), "it migrates");
                stage
            }
        };
        stage.fill().await;
        stage
    }

    /// Copies it, on PostgreSQL; nobody may be connected to the original.
    pub async fn copy(&self) -> Self {
        let (_, name) = self.on_server.as_ref().expect("a database on a server");
        Self::on_server(&format!("create database {{name}} template {name}")).await
    }

    /// Creates a new database on PostgreSQL with `create`.
    async fn on_server(create: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var(POSTGRES).expect("bin/bench starts a PostgreSQL");
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("tenantry_bench_{}_{number}", std::process::id());
        execute(&server, &create.replace("{name}", &name)).await;
        let mut url = url::Url::parse(&server).expect("a URL");
        url.set_path(&name);
        let owner_url = url.to_string();
        // The service connects as the role that the migrations created.
        url.set_username(DATABASE_ROLE).expect("a URL with a host");
        Self {
            engine: Engine::Postgres,
            folder: folder(),
            url: url.into(),
            owner_url,
            on_server: Some((server, name)),
        }
    }

    /// Lets the product fill its own database.
    async fn fill(&self) {
        let tenantry = Server::start(self.tenantry("demo"), "/login").await;
        let cookie = sign_in(tenantry.address).await;
        let mut client = Client::connect(tenantry.address).await;
        for number in 1..=MORE_ORGANIZATIONS {
            let form = format!("name=Workshop+{number}&slug=workshop-{number}");
            client.submit("/orgs", &form, &cookie).await;
        }
        tenantry.stop();
        self.tidy().await;
    }

    /// Runs maintenance that the database would otherwise start in the middle of a round.
    pub async fn tidy(&self) {
        match self.engine {
            Engine::Sqlite => self.execute("analyze").await,
            Engine::Postgres => self.execute("vacuum analyze").await,
        }
    }

    /// Runs statements as the owner, without the product.
    pub async fn execute(&self, sql: &str) {
        match self.engine {
            Engine::Postgres => execute(&self.owner_url, sql).await,
            Engine::Sqlite => {
                let options: SqliteConnectOptions = self.url.parse().expect("a URL of SQLite");
                let mut connection = options.connect().await.expect("the file is there");
                let done = connection.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await;
                done.unwrap_or_else(|error| panic!("{sql}: {error}"));
                connection.close().await.expect("it ends in order");
            }
        }
    }

    /// The texts that a query returns to the owner.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let rows: Result<Vec<(String,)>, _> = match self.engine {
            Engine::Postgres => {
                let options: PgConnectOptions = self.owner_url.parse().expect("a URL");
                let mut connection = options.connect().await.expect("PostgreSQL runs");
                sqlx::query_as(AssertSqlSafe(sql.to_owned())).fetch_all(&mut connection).await
            }
            Engine::Sqlite => {
                let options: SqliteConnectOptions = self.url.parse().expect("a URL of SQLite");
                let mut connection = options.connect().await.expect("the file is there");
                sqlx::query_as(AssertSqlSafe(sql.to_owned())).fetch_all(&mut connection).await
            }
        };
        rows.expect("a query of texts").into_iter().map(|(text,)| text).collect()
    }

    /// The product's release build.
    #[expect(clippy::disallowed_methods, reason = "the benchmark starts what it measures")]
    pub fn tenantry(&self, command: &str) -> Command {
        let mut tenantry = Command::new(env!("CARGO_BIN_EXE_tenantry"));
        // This shell's settings are for another service.
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TENANTRY_")) {
            tenantry.env_remove(name);
        }
        tenantry
            .env_remove("RUST_LOG")
            .current_dir(self.folder.path())
            .env(DATABASE_URL, &self.url)
            .env("TENANTRY_LISTEN", "127.0.0.1:0")
            .stderr(self.log())
            .arg(command);
        tenantry
    }

    fn log(&self) -> File {
        let path = self.folder.path().join("log");
        File::options().create(true).append(true).open(path).expect("a folder to write in")
    }

    /// The number of lines that the product has logged so far, which also cost time.
    pub fn lines_logged(&self) -> usize {
        let log = std::fs::read(self.folder.path().join("log")).expect("the log");
        log.iter().filter(|byte| **byte == b'\n').count()
    }

    /// The bare program, which is this executable.
    #[expect(clippy::disallowed_methods, reason = "the benchmark starts what it measures")]
    pub fn bare(&self) -> Command {
        let mut bare = Command::new(std::env::current_exe().expect("a running program has a file"));
        bare.args(["bare", &self.url]);
        bare
    }

    /// Removes the database; an SQLite file is removed with its folder.
    pub async fn remove(self) {
        if let Some((server, name)) = &self.on_server {
            execute(server, &format!("drop database {name} with (force)")).await;
        }
    }
}

/// Signs in as the visitor, and returns the cookie.
pub async fn sign_in(address: SocketAddr) -> String {
    Client::connect(address).await.submit("/login", SIGN_IN, "").await
}

async fn execute(url: &str, sql: &str) {
    let options: PgConnectOptions = url.parse().expect("a URL of PostgreSQL");
    let mut connection = options.connect().await.expect("PostgreSQL runs");
    let done = connection.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    connection.close().await.expect("it ends in order");
}

fn folder() -> TempDir {
    TempDir::with_prefix("tenantry-bench-").expect("a temporary folder")
}
