//! A separate database for each test, copied from one that was migrated once.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;
use tenantry::platform::config::DATABASE_ROLE;
use tenantry::platform::db::{Db, Patience, Pooler, migrate};
use tokio::sync::OnceCell;

use super::direct::Direct;

/// The variable with the URL of PostgreSQL; without it, the tests run on SQLite.
pub const POSTGRES: &str = "TENANTRY_TEST_DATABASE_URL";

/// The variable with the `HOST:PORT` of a pooler in front of that server, which the service
/// connects through. The tests' own connections stay direct.
pub const POOLER: &str = "TENANTRY_TEST_POOLER";

/// The PostgreSQL role that owns all tables, as in `docs/operating.md`.
pub const OWNER: &str = "tenantry_owner";

static NUMBER: AtomicU32 = AtomicU32::new(0);
static SQLITE_TEMPLATE: OnceCell<Template> = OnceCell::const_new();
static OWNER_MADE: OnceCell<()> = OnceCell::const_new();
static POSTGRES_TEMPLATE: OnceCell<String> = OnceCell::const_new();

struct Template {
    path: PathBuf,
    _folder: TempDir,
}

/// A database that is removed with the test.
pub struct TestDatabase {
    /// The URL for the application.
    pub url: String,
    /// The application's role without the pooler, if there is one.
    direct_url: String,
    /// The owner of the tables, as whom the migrations and the operator's commands run. On
    /// PostgreSQL it is not a superuser, so row-level security applies to it.
    pub owner_url: String,
    /// Bypasses row-level security, for what the tests read and prepare.
    pub superuser_url: String,
    place: Place,
}

enum Place {
    Sqlite { _folder: TempDir },
    Postgres { server: String, name: String },
}

impl TestDatabase {
    /// A migrated database.
    pub async fn create() -> Self {
        match std::env::var(POSTGRES) {
            Ok(server) => Self::postgres(server).await,
            Err(_) => Self::sqlite().await,
        }
    }

    /// An empty database without migrations.
    pub async fn empty() -> Self {
        match std::env::var(POSTGRES) {
            Ok(server) => {
                let name = owned_database(&server).await;
                Self::on(server, name)
            }
            Err(_) => {
                let folder = TempDir::new().unwrap();
                let path = folder.path().join("test.db");
                Self::in_folder(folder, &path)
            }
        }
    }

    async fn sqlite() -> Self {
        let template = SQLITE_TEMPLATE
            .get_or_init(|| async {
                let folder = TempDir::new().unwrap();
                let path = folder.path().join("template.db");
                let db = Db::connect(&format!("sqlite:{}", path.display())).await.unwrap();
                migrate(&db, DATABASE_ROLE).await.unwrap();
                db.close().await;
                // What was written may still be in the log beside the file, which is not copied.
                let url = format!("sqlite:{}", path.display());
                let mut connection = sqlite(&url).await.unwrap();
                connection.execute("pragma wal_checkpoint(truncate)").await.unwrap();
                connection.close().await.unwrap();
                Template { path, _folder: folder }
            })
            .await;
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("test.db");
        std::fs::copy(&template.path, &path).unwrap();
        Self::in_folder(folder, &path)
    }

    fn in_folder(folder: TempDir, path: &std::path::Path) -> Self {
        let url = format!("sqlite:{}", path.display());
        Self {
            owner_url: url.clone(),
            superuser_url: url.clone(),
            direct_url: url.clone(),
            url,
            place: Place::Sqlite { _folder: folder },
        }
    }

    /// The SQLite file at `path`, which somebody else creates and removes.
    pub fn of_file(path: &std::path::Path) -> Self {
        Self::in_folder(TempDir::new().unwrap(), path)
    }

    /// The application connects as the role that the migrations created.
    fn on(server: String, name: String) -> Self {
        let superuser_url = with_name(&server, &name);
        let direct_url = as_role(&superuser_url, DATABASE_ROLE);
        Self {
            url: match std::env::var(POOLER) {
                Ok(pooler) => at(&direct_url, &pooler),
                Err(_) => direct_url.clone(),
            },
            direct_url,
            owner_url: as_role(&superuser_url, OWNER),
            superuser_url,
            place: Place::Postgres { server, name },
        }
    }

    async fn postgres(server: String) -> Self {
        let template = POSTGRES_TEMPLATE
            .get_or_init(|| async {
                let name = owned_database(&server).await;
                let url = as_role(&with_name(&server, &name), OWNER);
                let db = Db::connect(&url).await.unwrap();
                migrate(&db, DATABASE_ROLE).await.unwrap();
                db.close().await;
                name
            })
            .await;
        let name = next_name();
        let create = format!("create database {name} template {template} owner {OWNER}");
        on_server(&server, &create).await;
        Self::on(server, name)
    }

    /// The database as the application opens it. Whether a pooler is in front need not be detected,
    /// which costs two more connections.
    pub async fn connect(&self, connections: u32, patience: Patience) -> Db {
        let has_pooler = std::env::var_os(POOLER).is_some();
        let pooler = if has_pooler { Pooler::Detect } else { Pooler::None };
        Db::connect_through(&self.url, connections, patience, pooler).await.unwrap()
    }

    /// Whether this is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        matches!(self.place, Place::Postgres { .. })
    }

    /// Runs a statement without parameters, bypassing the application.
    pub async fn execute(&self, sql: &str) -> Result<u64, sqlx::Error> {
        let mut connection = self.direct().await;
        let changed = connection.execute(sql).await;
        connection.close().await?;
        changed
    }

    /// Changes rows, and keeps what that locks for so long before it commits.
    pub async fn execute_slowly(&self, sql: &str, hold: Duration) -> Result<(), sqlx::Error> {
        let begin = if self.is_postgres() { "begin" } else { "begin immediate" };
        let mut connection = self.direct().await;
        connection.execute(&format!("{begin}; {sql}")).await?;
        tokio::time::sleep(hold).await;
        connection.execute("commit").await?;
        connection.close().await
    }

    /// The number that a query returns.
    pub async fn number(&self, sql: &str) -> i64 {
        self.direct().await.number(sql).await
    }

    /// A connection past the application that sees everything, for many statements in a row.
    pub async fn direct(&self) -> Direct {
        match self.is_postgres() {
            true => Direct::Postgres(postgres(&self.superuser_url).await.unwrap()),
            false => Direct::Sqlite(sqlite(&self.url).await.unwrap()),
        }
    }

    /// The texts that a query returns.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        self.direct().await.texts(sql).await
    }

    /// The names of all tables.
    pub async fn tables(&self) -> Vec<String> {
        self.direct().await.tables().await
    }

    /// The columns of a table.
    pub async fn columns(&self, table: &str) -> Vec<String> {
        self.texts(&if self.is_postgres() {
            format!(
                "select attname::text from pg_attribute where attrelid = '{table}'::regclass
                    and attnum > 0 and not attisdropped order by attnum"
            )
        } else {
            format!("select name from pragma_table_info('{table}') order by cid")
        })
        .await
    }

    /// A connection with the application's rights, on PostgreSQL.
    pub async fn as_application(&self) -> PgConnection {
        postgres(&self.direct_url).await.unwrap()
    }

    /// A connection that sees everything, on PostgreSQL.
    pub async fn owner_connection(&self) -> PgConnection {
        postgres(&self.owner_url).await.unwrap()
    }

    /// Runs a statement about this database in another database of the server, on PostgreSQL.
    pub async fn on_server(&self, sql: &str) {
        if let Place::Postgres { server, .. } = &self.place {
            on_server(server, sql).await;
        }
    }

    /// Another program's connection, on SQLite.
    pub async fn sqlite_connection(&self) -> SqliteConnection {
        sqlite(&self.url).await.unwrap()
    }

    /// The server's processes that serve the application.
    pub async fn backends(&self) -> Vec<String> {
        self.texts(
            "select pid::text from pg_stat_activity
             where datname = current_database() and application_name = 'tenantry'",
        )
        .await
    }

    /// Closes all connections of the application, as a restart of the server would. A pooler may open
    /// new ones at once.
    pub async fn end_connections(&self) {
        let before = self.backends().await;
        let end = "select count(pg_terminate_backend(pid)) from pg_stat_activity
                   where datname = current_database() and application_name = 'tenantry'";
        self.number(end).await;
        while self.backends().await.iter().any(|process| before.contains(process)) {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    /// All rows of `table` as text; bytes are shown as characters.
    pub async fn rows(&self, table: &str) -> Vec<String> {
        self.rows_without(table, &[]).await
    }

    /// All rows of `table` as text, without some of its columns.
    pub async fn rows_without(&self, table: &str, left_out: &[&str]) -> Vec<String> {
        self.direct().await.rows_without(table, left_out).await
    }

    /// Removes a database on the server; an SQLite file is removed with its folder.
    pub async fn remove(&self) {
        if let Place::Postgres { server, name } = &self.place {
            on_server(server, &format!("drop database if exists {name} with (force)")).await;
        }
    }
}

pub(super) async fn postgres(url: &str) -> Result<PgConnection, sqlx::Error> {
    url.parse::<PgConnectOptions>()?.connect().await
}

pub(super) async fn sqlite(url: &str) -> Result<SqliteConnection, sqlx::Error> {
    let options: SqliteConnectOptions = url.parse()?;
    options.foreign_keys(true).busy_timeout(std::time::Duration::from_secs(10)).connect().await
}

fn next_name() -> String {
    format!("tenantry_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

fn with_name(server: &str, name: &str) -> String {
    let mut url = url::Url::parse(server).unwrap();
    url.set_path(name);
    url.to_string()
}

fn as_role(url: &str, role: &str) -> String {
    let mut url = url::Url::parse(url).unwrap();
    url.set_username(role).unwrap();
    url.to_string()
}

/// `url` with another `HOST:PORT`.
pub(super) fn at(url: &str, place: &str) -> String {
    let mut url = url::Url::parse(url).unwrap();
    let (host, port) = place.rsplit_once(':').unwrap();
    url.set_host(Some(host)).unwrap();
    url.set_port(Some(port.parse().unwrap())).unwrap();
    url.to_string()
}

/// A new, empty database that belongs to the ordinary owner.
async fn owned_database(server: &str) -> String {
    let role = format!(
        "do $$ begin
            create role {OWNER} login createrole nosuperuser nobypassrls;
         exception when duplicate_object or unique_violation then null;
         end $$"
    );
    OWNER_MADE.get_or_init(|| on_server(server, &role)).await;
    let name = next_name();
    on_server(server, &format!("create database {name} owner {OWNER}")).await;
    name
}

async fn on_server(server: &str, sql: &str) {
    // Two concurrent copies of one template are refused: try again.
    for _ in 0..100 {
        let mut connection = postgres(server).await.unwrap();
        match connection.execute(AssertSqlSafe(sql.to_owned())).await {
            Ok(_) => return,
            Err(error) if error.to_string().contains("being accessed") => {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            Err(error) => panic!("{sql}: {error}"),
        }
    }
    panic!("{sql}: the template stays in use");
}
