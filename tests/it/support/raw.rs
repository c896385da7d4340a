//! The content of a database, as bytes.

use sqlx::{AssertSqlSafe, Column, Row, ValueRef};

use super::database::TestDatabase;
use super::direct::Direct;

impl Direct {
    /// All values of all tables as the engine stores them, with their places.
    pub async fn values(&mut self) -> Vec<(String, Vec<u8>)> {
        let mut values = Vec::new();
        for table in self.tables().await {
            let sql = AssertSqlSafe(format!("select * from {table}"));
            match self {
                Self::Postgres(connection) => {
                    for row in sqlx::query(sql).fetch_all(connection).await.unwrap() {
                        for (at, column) in row.columns().iter().enumerate() {
                            let value = row.try_get_raw(at).unwrap();
                            if !value.is_null() {
                                let place = format!("{table}.{}", column.name());
                                values.push((place, value.as_bytes().unwrap().to_vec()));
                            }
                        }
                    }
                }
                Self::Sqlite(connection) => {
                    for row in sqlx::query(sql).fetch_all(connection).await.unwrap() {
                        for (at, column) in row.columns().iter().enumerate() {
                            let value = row.try_get_unchecked::<Option<Vec<u8>>, _>(at).unwrap();
                            let place = || format!("{table}.{}", column.name());
                            values.extend(value.map(|value| (place(), value)));
                        }
                    }
                }
            }
        }
        values
    }
}

impl TestDatabase {
    /// On SQLite, the files, including removed data and what is not in the tables yet.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let Some(path) = self.url.strip_prefix("sqlite:") else { return Vec::new() };
        let folder = std::path::Path::new(path).parent().expect("a folder of its own");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files
            .filter_map(|file| {
                // Another connection may just have been closed, which removes its log.
                Some((file.file_name()?.to_string_lossy().into_owned(), std::fs::read(&file).ok()?))
            })
            .collect()
    }
}
