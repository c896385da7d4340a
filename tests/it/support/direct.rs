//! One connection past the application, to read a whole database or to change it: a connection for
//! each table would cost more than what it reads.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};

/// A connection that sees every row.
pub enum Direct {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

impl Direct {
    /// Runs statements; returns how many rows they have changed.
    pub async fn execute(&mut self, sql: &str) -> Result<u64, sqlx::Error> {
        let statements = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        Ok(match self {
            Self::Postgres(connection) => connection.execute(statements).await?.rows_affected(),
            Self::Sqlite(connection) => connection.execute(statements).await?.rows_affected(),
        })
    }

    /// Closes it, and waits until its files are closed, too.
    pub async fn close(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Postgres(connection) => connection.close().await,
            Self::Sqlite(connection) => connection.close().await,
        }
    }

    /// The texts that a query returns.
    pub async fn texts(&mut self, sql: &str) -> Vec<String> {
        let query = AssertSqlSafe(sql.to_owned());
        let rows: Result<Vec<(String,)>, _> = match self {
            Self::Postgres(connection) => sqlx::query_as(query).fetch_all(connection).await,
            Self::Sqlite(connection) => sqlx::query_as(query).fetch_all(connection).await,
        };
        let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.into_iter().map(|(text,)| text).collect()
    }

    /// The number that a query returns.
    pub async fn number(&mut self, sql: &str) -> i64 {
        let query = AssertSqlSafe(sql.to_owned());
        let number: Result<(i64,), _> = match self {
            Self::Postgres(connection) => sqlx::query_as(query).fetch_one(connection).await,
            Self::Sqlite(connection) => sqlx::query_as(query).fetch_one(connection).await,
        };
        number.unwrap_or_else(|error| panic!("{sql}: {error}")).0
    }

    /// The names of all tables.
    pub async fn tables(&mut self) -> Vec<String> {
        self.texts(match self {
            Self::Postgres(_) => {
                "select tablename::text from pg_tables where schemaname = 'public' order by 1"
            }
            Self::Sqlite(_) => {
                "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'
                 order by 1"
            }
        })
        .await
    }

    /// All rows of `table` as text, without some of its columns.
    pub async fn rows_without(&mut self, table: &str, left_out: &[&str]) -> Vec<String> {
        let columns = self.columns_as_text(table, left_out).await.join(" || '|' || ");
        match self {
            Self::Postgres(_) => {
                self.texts(&format!("select {columns} from {table} order by 1")).await
            }
            // Bytes that are not UTF-8 are readable as hexadecimal beside their text.
            Self::Sqlite(_) => {
                let rows = format!("select hex({columns}) from {table} order by 1");
                self.texts(&rows).await.iter().map(|row| from_hex(row)).collect()
            }
        }
    }

    /// An expression for each column of `table`, ordered by name.
    async fn columns_as_text(&mut self, table: &str, left_out: &[&str]) -> Vec<String> {
        let columns = self
            .texts(&match self {
                Self::Postgres(_) => format!(
                    "select attname || ' ' || format_type(atttypid, null) from pg_attribute
                     where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped
                     order by attname"
                ),
                Self::Sqlite(_) => {
                    format!("select name || ' any' from pragma_table_info('{table}') order by name")
                }
            })
            .await;
        let columns = columns.iter().map(|column| column.split_once(' ').unwrap());
        let columns = columns.filter(|(name, _)| !left_out.contains(name));
        let as_text = |(name, kind): (&str, &str)| match (&self, kind) {
            (Self::Postgres(_), "bytea") => format!("coalesce(encode({name}, 'escape'), '')"),
            (Self::Postgres(_), _) => format!("coalesce({name}::text, '')"),
            (Self::Sqlite(_), _) => format!("coalesce(cast({name} as text), '')"),
        };
        columns.map(as_text).collect()
    }
}

fn from_hex(text: &str) -> String {
    let bytes: Vec<u8> = (0..text.len() / 2)
        .map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).unwrap())
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
