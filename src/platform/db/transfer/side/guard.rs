//! Temporarily removes what would count, refuse or hide incoming rows.

use sqlx::{AssertSqlSafe, Executor};

use super::Side;
use crate::platform::db::transfer::tables::Table;

/// The triggers removed from SQLite: names, and the statements that create them again.
type Triggers = Vec<(String, String)>;

impl Side {
    /// Removes what would count, refuse or hide incoming rows, until [`Side::guard`]. Nobody else
    /// sees the tables without it.
    pub async fn unguard(&mut self, tables: &[Table]) -> Result<Triggers, sqlx::Error> {
        match self {
            Self::Sqlite(tx) => {
                let triggers: Triggers =
                    sqlx::query_as("select name, sql from sqlite_schema where type = 'trigger'")
                        .fetch_all(&mut **tx)
                        .await?;
                for (name, _) in &triggers {
                    tx.execute(AssertSqlSafe(format!("drop trigger \"{name}\""))).await?;
                }
                Ok(triggers)
            }
            Self::Postgres(tx) => {
                for Table { name, .. } in tables {
                    let unguard = format!(
                        "alter table \"{name}\" disable trigger user;
                         alter table \"{name}\" no force row level security"
                    );
                    tx.execute(sqlx::raw_sql(AssertSqlSafe(unguard))).await?;
                }
                Ok(Triggers::new())
            }
        }
    }

    /// Restores what [`Side::unguard`] has removed.
    pub async fn guard(&mut self, tables: &[Table], triggers: Triggers) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx) => {
                for (_, create) in triggers {
                    tx.execute(AssertSqlSafe(create)).await?;
                }
            }
            Self::Postgres(tx) => {
                for Table { name, .. } in tables {
                    let guard = format!("alter table \"{name}\" enable trigger user");
                    tx.execute(AssertSqlSafe(guard)).await?;
                }
                let confined: Vec<(String,)> = sqlx::query_as(
                    "select c.relname::text from pg_class c
                     join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
                     where c.relkind in ('r', 'p') and c.relrowsecurity",
                )
                .fetch_all(&mut **tx)
                .await?;
                for (name,) in confined {
                    let force = format!("alter table \"{name}\" force row level security");
                    tx.execute(AssertSqlSafe(force)).await?;
                }
            }
        }
        Ok(())
    }
}
