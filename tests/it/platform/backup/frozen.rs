//! Nothing writes to a database while it is moved: every acknowledged write is in the new one.

use std::path::Path;
use std::process::{Child, Stdio};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};

use super::{done, number, refused};
use crate::support::TestDatabase;
use crate::support::service::command;

/// A database with so many rows that moving it takes a while.
async fn large() -> TestDatabase {
    let database = TestDatabase::create().await;
    let rows = match database.is_postgres() {
        true => {
            "insert into sessions (id, data, expiry_date)
             select 'old ' || n, decode(repeat('ab', 200), 'hex'), now() from generate_series(1, 60000) n"
        }
        false => {
            "with recursive n (n) as (select 1 union all select n + 1 from n where n < 60000)
             insert into sessions (id, data, expiry_date) select 'old ' || n, zeroblob(200), 0 from n"
        }
    };
    database.execute(rows).await.unwrap();
    database
}

/// A client that writes and does not wait for locks.
enum Writer {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Writer {
    async fn new(database: &TestDatabase) -> Self {
        if database.is_postgres() {
            let mut connection = database.as_application().await;
            connection.execute("set lock_timeout = '20ms'").await.unwrap();
            Self::Postgres(connection)
        } else {
            let mut connection = database.sqlite_connection().await;
            connection.execute("pragma busy_timeout = 20").await.unwrap();
            Self::Sqlite(connection)
        }
    }

    /// Inserts a row and returns whether it was acknowledged.
    async fn write(&mut self, number: usize) -> bool {
        let values = |data, at| {
            format!(
                "insert into sessions (id, data, expiry_date) values ('new {number}', {data}, {at})"
            )
        };
        match self {
            Self::Sqlite(connection) => {
                connection.execute(AssertSqlSafe(values("x''", "0"))).await.is_ok()
            }
            Self::Postgres(connection) => {
                connection.execute(AssertSqlSafe(values("''", "now()"))).await.is_ok()
            }
        }
    }
}

fn begin_to_move(here: &Path, database: &TestDatabase) -> Child {
    command(here, &["move-database", "--to", "sqlite:moved.db"], Some(&database.owner_url))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Writes until a row is refused or the move has ended. Returns how many rows were acknowledged.
async fn write_until_refused(database: &TestDatabase, child: &mut Child) -> Option<usize> {
    let mut writer = Writer::new(database).await;
    let mut written = 0;
    while child.try_wait().unwrap().is_none() {
        match writer.write(written).await {
            true => written += 1,
            false => return Some(written),
        }
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    None
}

#[tokio::test]
async fn nobody_writes_to_a_database_while_it_is_moved() {
    let database = large().await;
    let folder = tempfile::tempdir().unwrap();
    let mut child = begin_to_move(folder.path(), &database);
    let written = write_until_refused(&database, &mut child).await;
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let written = written.expect("a row was refused while the database was moved");
    let new = "select count(*) from sessions where id like 'new %'";
    let moved = number(&folder.path().join("moved.db"), new).await;
    assert_eq!(moved, i64::try_from(written).unwrap(), "all that was acknowledged, and no more");
    // Afterwards the old database accepts writes again.
    assert!(Writer::new(&database).await.write(written).await);
    database.remove().await;
}

#[tokio::test]
async fn a_service_that_comes_while_a_database_is_moved_ends_the_move() {
    let database = large().await;
    if !database.is_postgres() {
        // On SQLite the move holds the lock that a service needs.
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut child = begin_to_move(folder.path(), &database);
    write_until_refused(&database, &mut child).await.expect("it takes a while");
    let mut service = database.as_application().await;
    service.execute("set application_name = 'tenantry'").await.unwrap();
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(said.contains("a service is connected to this PostgreSQL database"), "{said}");
    assert!(!folder.path().join("moved.db").exists());
    service.close().await.unwrap();
    done(folder.path(), &["move-database", "--to", "sqlite:moved.db"], &database.owner_url);
    database.remove().await;
}

#[tokio::test]
async fn a_database_in_which_somebody_writes_is_not_moved() {
    let database = TestDatabase::create().await;
    let folder = tempfile::tempdir().unwrap();
    let to = ["move-database", "--to", "sqlite:moved.db"];
    let row = "insert into sessions (id, data, expiry_date) values ('open', ";
    let said = if database.is_postgres() {
        let mut writer = database.as_application().await;
        writer.execute("begin").await.unwrap();
        writer.execute(AssertSqlSafe(format!("{row} '', now())"))).await.unwrap();
        let said = refused(folder.path(), &to, &database.owner_url);
        // A backup waits for nobody.
        done(folder.path(), &["backup", "a.backup"], &database.owner_url);
        writer.execute("commit").await.unwrap();
        said
    } else {
        let mut writer = database.sqlite_connection().await;
        writer.execute("begin immediate").await.unwrap();
        writer.execute(AssertSqlSafe(format!("{row} x'', 0)"))).await.unwrap();
        let said = refused(folder.path(), &to, &database.owner_url);
        writer.execute("commit").await.unwrap();
        said
    };
    assert!(said.starts_with("tenantry: TENANTRY_DATABASE_URL: someone is writing"), "{said}");
    assert!(said.contains("stop"), "{said}");
    assert!(!folder.path().join("moved.db").exists());
    done(folder.path(), &to, &database.owner_url);
    database.remove().await;
}
