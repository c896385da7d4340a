//! The engines' query plans for a page's rows.

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, Row};
use tenantry::platform::db::statement::{self, Registered};

use crate::stage::{Engine, Stage};

/// Tables of which a page may only read its own organization's part.
const TABLES: [&str; 3] = ["memberships", "invitations", "projects"];

/// The statement of a page.
pub struct Statement {
    /// Its name in the report.
    pub name: &'static str,
    /// The file that contains it.
    pub file: &'static str,
    /// Texts that together occur in no other statement of that file, with single spaces between the
    /// words.
    pub marks: &'static [&'static str],
    /// The types of `$2` and later parameters, on PostgreSQL, and their values for the first page.
    pub parameters: &'static [(&'static str, &'static str)],
}

/// Prints the plan of `statement` for the organization at `slug`.
///
/// # Panics
/// When it reads a tenant table other than by an index that begins with the organization.
pub async fn show(stage: &Stage, statement: &Statement, slug: &str) {
    let found = statement::all().find(|known| {
        let words: Vec<&str> = known.sqlite.split_whitespace().collect();
        let text = words.join(" ");
        known.file == statement.file && statement.marks.iter().all(|mark| text.contains(mark))
    });
    let text = found.unwrap_or_else(|| panic!("no statement is {}", statement.name));
    let plan = match stage.engine {
        Engine::Sqlite => sqlite(stage, text).await,
        Engine::Postgres => postgres(stage, text, statement.parameters, slug).await,
    };
    println!("\nPlan: {}", statement.name);
    for line in &plan {
        println!("  {line}");
    }
    for table in TABLES {
        let scans = scans(stage.engine, table, text.sqlite);
        let scanned = plan.iter().any(|line| scans.iter().any(|scan| is_scan(line, scan)));
        assert!(!scanned, "{}: all of {table} is read", statement.name);
    }
    let leads = plan
        .iter()
        .filter(|line| line.contains("organization_id =") || line.contains("organization_id="))
        .count();
    assert!(leads > 0, "{}: no index is used that begins with the organization", statement.name);
}

/// How a plan says that it reads a whole table.
fn scans(engine: Engine, table: &str, text: &str) -> Vec<String> {
    match engine {
        Engine::Postgres => vec![format!("Seq Scan on {table}")],
        // SQLite uses the statement's name for a table.
        Engine::Sqlite => {
            let words: Vec<&str> = text.split_whitespace().collect();
            let named = words
                .windows(3)
                .filter(|three| matches!(three[0], "from" | "join") && three[1] == table);
            named.map(|three| format!("SCAN {}", three[2])).collect()
        }
    }
}

fn is_scan(line: &str, scan: &str) -> bool {
    let rest = line.split_once(scan).map(|(_, rest)| rest);
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

async fn sqlite(stage: &Stage, statement: &Registered) -> Vec<String> {
    let options: SqliteConnectOptions = stage.url.parse().expect("a URL of SQLite");
    let mut connection = options.connect().await.expect("the file is there");
    let explain = format!("explain query plan {}", statement.sqlite);
    let rows = connection.fetch_all(AssertSqlSafe(explain)).await.expect("a plan");
    rows.iter().map(|row| row.get::<String, _>("detail")).collect()
}

/// The generic plan that the service uses: for unknown parameters, in a transaction of one
/// organization.
async fn postgres(
    stage: &Stage,
    statement: &Registered,
    parameters: &[(&str, &str)],
    slug: &str,
) -> Vec<String> {
    let options: PgConnectOptions = stage.url.parse().expect("a URL of PostgreSQL");
    let mut connection = options.connect().await.expect("PostgreSQL runs");
    let find = format!("select id::text from organizations where slug = '{slug}'");
    connection
        .execute(
            "begin; set local app.organization_id = '00000000-0000-0000-0000-000000000000';
             set local role tenantry_lookup",
        )
        .await
        .expect("a transaction");
    let id: String =
        connection.fetch_one(AssertSqlSafe(find)).await.expect("the organization").get(0);
    connection.execute("set local role none").await.expect("the application's own role");
    let types: Vec<&str> = parameters.iter().map(|(kind, _)| *kind).collect();
    let values: Vec<&str> = parameters.iter().map(|(_, value)| *value).collect();
    let prepare = format!(
        "set local app.organization_id = '{id}';
         set local plan_cache_mode = force_generic_plan;
         prepare page (uuid, {}) as {}",
        types.join(", "),
        statement.postgres
    );
    connection.execute(sqlx::raw_sql(AssertSqlSafe(prepare))).await.expect("it is prepared");
    let explain = format!("explain (costs off) execute page ('{id}', {})", values.join(", "));
    let rows = connection.fetch_all(sqlx::raw_sql(AssertSqlSafe(explain))).await.expect("a plan");
    rows.iter().map(|row| row.get::<String, _>(0)).collect()
}
