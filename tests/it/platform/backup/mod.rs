//! Backups: made while people work, inspected, restored on either engine, and made on a schedule.

mod damage;
mod foreign;
mod frozen;
mod moving;
mod repair;
mod restore;
mod schedule;
mod targets;

use std::path::Path;
use std::process::Output;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, SqliteConnection};

use crate::support::TestDatabase;
use crate::support::service::command;

/// Runs the program in `folder` on the database at `url`.
fn run(folder: &Path, arguments: &[&str], url: &str) -> Output {
    command(folder, arguments, Some(url)).output().unwrap()
}

/// Runs the program, which must succeed, and returns its output.
#[track_caller]
fn done(folder: &Path, arguments: &[&str], url: &str) -> String {
    let output = run(folder, arguments, url);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs the program, which must fail with exit code 1, and returns its error message.
#[track_caller]
fn refused(folder: &Path, arguments: &[&str], url: &str) -> String {
    let output = run(folder, arguments, url);
    let out = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {out}");
    String::from_utf8(output.stderr).unwrap()
}

/// Opens the SQLite file at `path` as another program would.
async fn open(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).connect().await.unwrap()
}

async fn execute(path: &Path, sql: &str) {
    let mut file = open(path).await;
    file.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
    file.close().await.unwrap();
}

/// Returns the single number that a query of the SQLite file at `path` selects.
async fn number(path: &Path, sql: &str) -> i64 {
    let mut file = open(path).await;
    let number =
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut file).await.unwrap();
    file.close().await.unwrap();
    number
}

/// The tables of the schema's own state, and those that a service writes to by itself.
const MOVING: &[&str] = &["_sqlx_migrations", "data_migrations", "clock", "heartbeats"];

/// Fails unless both databases, which use the same engine, hold the same rows.
async fn expect_alike(one: &TestDatabase, other: &TestDatabase) {
    let tables = one.tables().await;
    assert_eq!(tables, other.tables().await);
    let mut rows = 0;
    for table in tables.iter().filter(|table| !MOVING.contains(&table.as_str())) {
        let expected = one.rows(table).await;
        assert_eq!(expected, other.rows(table).await, "{table}");
        rows += expected.len();
    }
    assert!(rows > 100, "{rows} rows");
}

/// Everything that guards the rows of a database (such as triggers and policies), by name.
async fn guards(database: &TestDatabase) -> Vec<String> {
    let guards = if database.is_postgres() {
        "select concat_ws(' ', 'trigger', tgrelid::regclass::text, tgname, tgenabled::text)
         from pg_trigger where not tgisinternal
         union all select concat_ws(' ', 'table', relname, relrowsecurity::text,
            relforcerowsecurity::text) from pg_class c
         where relkind = 'r' and relnamespace = 'public'::regnamespace
         union all select concat_ws(' ', 'policy', tablename, policyname, qual) from pg_policies
         order by 1"
    } else {
        "select name || ' ' || sql from sqlite_schema where type in ('trigger', 'index') and sql <> ''
         order by 1"
    };
    database.texts(guards).await
}
