//! Another transaction that blocks what a test sends.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Executor, PgConnection, SqliteConnection};

use super::database::{TestDatabase, postgres, sqlite};

/// An open transaction, whose changes are locked until it ends.
pub enum Held {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl TestDatabase {
    /// Begins it with `sql`, bypassing the application.
    pub async fn hold(&self, sql: &str) -> Held {
        if self.is_postgres() {
            let mut connection = postgres(&self.superuser_url).await.unwrap();
            connection
                .execute(sqlx::raw_sql(AssertSqlSafe(format!("begin; {sql}"))))
                .await
                .unwrap();
            Held::Postgres(connection)
        } else {
            let mut connection = sqlite(&self.url).await.unwrap();
            let begin = format!("begin immediate; {sql}");
            connection.execute(sqlx::raw_sql(AssertSqlSafe(begin))).await.unwrap();
            Held::Sqlite(connection)
        }
    }

    /// Waits until this many transactions are waiting for others; on SQLite, which has one writer,
    /// until they have had time to queue.
    pub async fn wait_until_waiting(&self, number: i64) {
        let waiting = "select count(*) from pg_stat_activity
                       where datname = current_database() and wait_event_type = 'Lock'";
        for _ in 0..100 {
            tokio::time::sleep(Duration::from_millis(if self.is_postgres() { 20 } else { 300 }))
                .await;
            if !self.is_postgres() || self.number(waiting).await >= number {
                return;
            }
        }
        panic!("fewer than {number} wait");
    }
}

impl Held {
    /// Commits it.
    pub async fn keep(self) {
        match self {
            Self::Sqlite(mut connection) => connection.execute("commit").await.map(|_| ()),
            Self::Postgres(mut connection) => connection.execute("commit").await.map(|_| ()),
        }
        .unwrap();
    }

    /// Rolls it back.
    pub async fn let_go(self) {
        match self {
            Self::Sqlite(mut connection) => connection.execute("rollback").await.map(|_| ()),
            Self::Postgres(mut connection) => connection.execute("rollback").await.map(|_| ()),
        }
        .unwrap();
    }
}
