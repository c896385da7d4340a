//! How the engines find rows for the statements of every page and of the workers' regular checks:
//! by an index, whatever the tables held when their statistics were last updated.

use std::collections::BTreeMap;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, Row};
use tenantry::platform::db::statement::{self, Registered};
use tenantry::platform::db::{Db, PLANNING};

use crate::support::TestDatabase;

/// The statements: the file, and a text that occurs only in this statement of that file.
const HOT: &[(&str, &str)] = &[
    ("src/platform/session/current_user.rs", "where s.session_hash = $1"),
    ("src/platform/session/sign_in.rs", "returning id, user_id,"),
    ("src/platform/mail/outbox/delivery.rs", "is_urgent = true"),
    ("src/platform/mail/outbox/delivery.rs", "is_urgent = false"),
    ("src/platform/mail/outbox/delivery.rs", "set claimed_at = $1"),
    ("src/platform/tenant/admission.rs", "from organization_slugs"),
    ("src/core/members/sql.rs", "limit"),
    ("src/core/members/sql.rs", "count("),
    ("src/core/search/sql.rs", "from search_words"),
];

/// Tables that grow and must never be read completely for one page.
const LARGE: &[&str] =
    &["sign_ins", "outbox", "users", "memberships", "invitations", "organizations", "search_words"];

/// What the statistics say, and what the tables hold.
const STAGES: &[(&str, &[&str])] = &[
    ("nothing, never counted", &[]),
    ("nothing, counted", &["analyze"]),
    ("some, counted when there was nothing", &["fill 5"]),
    ("some, counted", &["analyze"]),
    ("many, counted when there were some", &["fill 3000"]),
    ("many, counted", &["analyze"]),
    ("nothing, counted when there were many", &["empty"]),
];

#[tokio::test]
async fn hot_statements_use_their_indexes_whatever_the_statistics_say() {
    let database = TestDatabase::create().await;
    let mut first = BTreeMap::new();
    for (stage, steps) in STAGES {
        for step in *steps {
            set_up(&database, step).await;
        }
        // What the service does when it starts and stops.
        Db::connect(&database.url).await.unwrap().close().await;
        for (file, mark) in HOT {
            let mut found = 0;
            for statement in statement::all().filter(|known| is_meant(known, file, mark)) {
                found += 1;
                let plan = plan(&database, statement).await;
                for table in LARGE {
                    let is_scanned = reads_whole(&plan, table, statement, &database);
                    assert!(!is_scanned, "{file} {mark}: {stage}: all of {table}:\n{plan}");
                }
                // PostgreSQL may choose another join, still with indexes; SQLite does not consider
                // sizes.
                if !database.is_postgres() {
                    let before = first.entry(statement.sqlite).or_insert_with(|| plan.clone());
                    assert_eq!(*before, plan, "{file} {mark}: {stage}");
                }
            }
            assert!(found > 0, "{file} has no statement with {mark}");
        }
    }
    database.remove().await;
}

fn is_meant(statement: &Registered, file: &str, mark: &str) -> bool {
    let words: Vec<&str> = statement.sqlite.split_whitespace().collect();
    statement.file == file && words.join(" ").contains(mark)
}

async fn set_up(database: &TestDatabase, step: &str) {
    let (step, count) = step.split_once(' ').unwrap_or((step, "0"));
    match step {
        "fill" => fill(database, count).await,
        "empty" => {
            for table in ["outbox", "sign_ins", "users"] {
                database.execute(&format!("delete from {table}")).await.unwrap();
            }
        }
        step => drop(database.execute(step).await.unwrap()),
    }
}

/// Adds this many users, each with a sign-in and a sent email.
async fn fill(database: &TestDatabase, count: &str) {
    let (numbers, id, time) = match database.is_postgres() {
        true => {
            (format!("select n from generate_series(1, {count}) n"), "gen_random_uuid()", "now()")
        }
        false => (
            format!(
                "with recursive t(n) as (select 1 union all select n + 1 from t where n < {count})
                 select n from t"
            ),
            "randomblob(16)",
            "0",
        ),
    };
    let hash = match database.is_postgres() {
        true => "decode(md5(id::text), 'hex')",
        false => "randomblob(32)",
    };
    let email = match database.is_postgres() {
        true => "gen_random_uuid()::text",
        false => "hex(randomblob(16))",
    };
    let outside = match database.is_postgres() {
        true => "'00000000-0000-0000-0000-000000000000'",
        false => "zeroblob(16)",
    };
    for statement in [
        format!(
            "insert into users (id, name, name_key, email, password_hash, created_at)
             select {id}, 'x', 'x', {email}, '', {time} from ({numbers}) t"
        ),
        format!(
            "insert into sign_ins (id, user_id, session_hash, created_at, last_seen_at, expires_at,
                kept, address, user_agent)
             select {id}, id, {hash}, {time}, {time}, {time}, false, '', '' from users
             where id not in (select user_id from sign_ins)"
        ),
        format!(
            "insert into outbox (organization_id, id, kind, recipient, message_id, status, attempts,
                next_attempt_at, created_at, is_last)
             select {outside}, {id}, 'x', 'x', 'x', 'sent', 1, {time}, {time}, false from users"
        ),
    ] {
        database.execute(&statement).await.unwrap();
    }
}

/// Returns the query plan, one step per line.
async fn plan(database: &TestDatabase, statement: &Registered) -> String {
    if !database.is_postgres() {
        let options: SqliteConnectOptions = database.url.parse().unwrap();
        let mut connection = options.connect().await.unwrap();
        let explain = format!("explain query plan {}", statement.sqlite);
        let rows = connection.fetch_all(AssertSqlSafe(explain)).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        connection.close().await.unwrap();
        return steps.join("\n");
    }
    let mut connection = database.as_application().await;
    let settings: String =
        PLANNING.iter().map(|(name, value)| format!("set {name} = '{value}'; ")).collect();
    let outside = "00000000-0000-0000-0000-000000000000";
    let role = if statement.tenant { "none" } else { "tenantry_lookup" };
    let begin = format!(
        "{settings} begin; set local app.organization_id = '{outside}';
         set local app.user_id = '{outside}'; set local app.user_email = '';
         set local app.token_hash = ''; set local app.queues = 'on'; set local role {role};
         prepare hot as {}",
        statement.postgres
    );
    connection.execute(sqlx::raw_sql(AssertSqlSafe(begin))).await.unwrap();
    let count =
        "select cardinality(parameter_types) from pg_prepared_statements where name = 'hot'";
    let count: i32 = connection.fetch_one(sqlx::raw_sql(count)).await.unwrap().get(0);
    let nulls = vec!["null"; usize::try_from(count).unwrap()].join(", ");
    let arguments = if count == 0 { String::new() } else { format!("({nulls})") };
    let explain = format!("explain (costs off) execute hot {arguments}");
    let rows = connection.fetch_all(sqlx::raw_sql(AssertSqlSafe(explain))).await.unwrap();
    let steps: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    connection.close().await.unwrap();
    steps.join("\n")
}

/// Returns whether a plan reads all of `table`.
fn reads_whole(plan: &str, table: &str, statement: &Registered, database: &TestDatabase) -> bool {
    if database.is_postgres() {
        return plan.contains(&format!("Seq Scan on {table} "))
            || plan.lines().any(|line| line.trim_end().ends_with(&format!("Seq Scan on {table}")));
    }
    // SQLite uses the name that the table has in the statement.
    let words: Vec<&str> = statement.sqlite.split_whitespace().collect();
    words
        .windows(3)
        .filter(|three| matches!(three[0], "from" | "join" | "update") && three[1] == table)
        .flat_map(|three| [format!("SCAN {}", three[2]), format!("SCAN {table}")])
        .any(|scan| plan.lines().any(|line| line.trim() == scan))
}
