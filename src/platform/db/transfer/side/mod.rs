//! One end of a transfer: a transaction that reads or writes all rows of a database, on PostgreSQL
//! as the owner of the tables.

mod guard;

use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, Executor, FromRow, Postgres, Sqlite, Transaction};

use super::TransferError;
use super::tables::{Table, about};
use super::value::Value;
use crate::platform::db::connect::{Db, Pools};
use crate::platform::ids::OrganizationId;

/// An open transaction; if it is dropped before the commit, it is rolled back.
#[derive(Debug)]
pub(super) enum Side {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Whether a transaction reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    Read,
    Write,
}

/// How long to wait on PostgreSQL until nobody writes to the tables: longer than the server takes
/// to cancel a vacuum of its own that is in the way (`deadlock_timeout`).
const UNTIL_FROZEN: &str = "5s";

impl Side {
    /// Begins a transaction that sees one state of all tables, of all organizations
    /// ([`Side::expect_to_see`]).
    pub async fn begin(db: &Db, intent: Intent) -> Result<Self, sqlx::Error> {
        match (&db.pools, intent) {
            (Pools::Sqlite { read, .. }, Intent::Read) => {
                Ok(Self::Sqlite(read.begin_with("begin").await?))
            }
            (Pools::Sqlite { write, .. }, Intent::Write) => {
                Ok(Self::Sqlite(write.begin_with("begin immediate").await?))
            }
            (Pools::Postgres(pool), intent) => {
                let begin = match intent {
                    Intent::Read => "begin isolation level repeatable read, read only",
                    Intent::Write => "begin",
                };
                // Whole tables are read, which takes longer than any request may.
                let begin = format!(
                    "{begin}; set local app.organization_id = '{}'; set local app.backup = 'on'; \
                     set local statement_timeout = 0; set local enable_seqscan = on; \
                     set local idle_in_transaction_session_timeout = 0",
                    OrganizationId::OUTSIDE
                );
                Ok(Self::Postgres(pool.begin_with(AssertSqlSafe(begin)).await?))
            }
        }
    }

    /// Begins a transaction that reads the final state of these tables: nobody else can write to
    /// them until it ends.
    ///
    /// # Errors
    /// [`TransferError::WrittenTo`] when somebody is writing and does not finish.
    pub async fn freeze(db: &Db, tables: &[Table]) -> Result<Self, TransferError> {
        if let Pools::Sqlite { .. } = &db.pools {
            return Self::begin(db, Intent::Write).await.map_err(|error| written_to(error, "5"));
        }
        let mut side = Self::begin(db, Intent::Read).await?;
        if let Self::Postgres(tx) = &mut side {
            let names: Vec<String> =
                tables.iter().map(|table| format!("\"{}\"", table.name)).collect();
            // The first query determines what the transaction sees, and locking is not a query.
            let lock = format!(
                "set local lock_timeout = '{UNTIL_FROZEN}'; lock table {} in share mode",
                names.join(", ")
            );
            tx.execute(sqlx::raw_sql(AssertSqlSafe(lock)))
                .await
                .map_err(|error| written_to(error, "55P03"))?;
        }
        Ok(side)
    }

    /// Checks that row-level security hides no rows, which it does silently. So that nothing is
    /// missing from a backup, each of these tables must either not be subject to it for this role,
    /// or have the policy that `tenantry migrate` creates. A transaction that writes disables it
    /// temporarily ([`Side::unguard`]).
    ///
    /// # Errors
    /// On PostgreSQL, [`TransferError::NotTheOwner`] or [`TransferError::Hidden`] when the role
    /// cannot read all rows.
    pub async fn expect_to_see(
        &mut self,
        tables: &[Table],
        intent: Intent,
    ) -> Result<(), TransferError> {
        const HIDDEN: &str = "select current_user::text, c.relname::text,
                pg_has_role(current_user, c.relowner, 'usage')
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
            where c.relkind in ('r', 'p') and c.relname in ({names})
                and not (select rolsuper or rolbypassrls from pg_roles
                         where rolname = current_user)
                and (not pg_has_role(current_user, c.relowner, 'usage')
                    or (c.relrowsecurity and c.relforcerowsecurity and not exists (
                        select 1 from pg_policies p
                        where p.schemaname = 'public' and p.tablename = c.relname
                            and p.policyname = 'to_backup')))
             order by 3, 2 limit 1";
        if let Self::Sqlite(_) = self {
            return Ok(());
        }
        let names = tables.iter().map(|table| table.name.as_str());
        let hidden: Vec<(String, String, bool)> = self.all(&about(HIDDEN, names)).await?;
        match hidden.into_iter().next() {
            None => Ok(()),
            Some((_, _, true)) if intent == Intent::Write => Ok(()),
            Some((role, _, false)) => Err(TransferError::NotTheOwner(role)),
            Some((_, table, true)) => Err(TransferError::Hidden(table)),
        }
    }

    /// All rows of a query without parameters.
    pub async fn all<T>(&mut self, sql: &str) -> Result<Vec<T>, sqlx::Error>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(tx) => sqlx::query_as(sql).fetch_all(&mut **tx).await,
            // A pooler in transaction mode does not keep prepared statements.
            Self::Postgres(tx) => sqlx::query_as(sql).persistent(false).fetch_all(&mut **tx).await,
        }
    }

    /// The rows of a table, as a stream; `select` is its [`Table::select`].
    pub fn rows<'a>(
        &'a mut self,
        table: &'a Table,
        select: &str,
    ) -> BoxStream<'a, Result<Vec<Value>, TransferError>> {
        let told = |error| TransferError::Row { table: table.name.clone(), error };
        let select = AssertSqlSafe(select.to_owned());
        match self {
            Self::Sqlite(tx) => sqlx::query(select)
                .fetch(&mut **tx)
                .map(|row| {
                    let row = row?;
                    let columns = table.columns.iter().enumerate();
                    columns.map(|(at, (_, kind))| Value::of_sqlite(&row, at, *kind)).collect()
                })
                .map_err(told)
                .boxed(),
            Self::Postgres(tx) => sqlx::query(select)
                .persistent(false)
                .fetch(&mut **tx)
                .map(|row| {
                    let row = row?;
                    let columns = table.columns.iter().enumerate();
                    columns.map(|(at, (_, kind))| Value::of_postgres(&row, at, *kind)).collect()
                })
                .map_err(told)
                .boxed(),
        }
    }

    /// Inserts rows with one statement.
    pub async fn insert(
        &mut self,
        table: &Table,
        rows: &[Vec<Value>],
    ) -> Result<(), TransferError> {
        self.insert_by("insert", table, rows).await.map(drop)
    }

    /// On SQLite, inserts the rows that violate no constraint; returns how many.
    pub async fn insert_what_fits(
        &mut self,
        table: &Table,
        rows: &[Vec<Value>],
    ) -> Result<u64, TransferError> {
        self.insert_by("insert or ignore", table, rows).await
    }

    async fn insert_by(
        &mut self,
        verb: &str,
        table: &Table,
        rows: &[Vec<Value>],
    ) -> Result<u64, TransferError> {
        let told = |error| TransferError::Row { table: table.name.clone(), error };
        let sql = AssertSqlSafe(format!("{verb} {}", table.insert(rows.len())));
        let values = || {
            rows.iter().flat_map(|row| {
                row.iter().zip(&table.columns).map(|(value, (_, kind))| (value, *kind))
            })
        };
        match self {
            Self::Sqlite(tx) => {
                let mut arguments = SqliteArguments::default();
                for (value, kind) in values() {
                    value.bind_sqlite(kind, &mut arguments).map_err(told)?;
                }
                let insert = sqlx::query_with(sql, arguments);
                Ok(insert.execute(&mut **tx).await.map_err(told)?.rows_affected())
            }
            Self::Postgres(tx) => {
                let mut arguments = PgArguments::default();
                for (value, kind) in values() {
                    value.bind_postgres(kind, &mut arguments).map_err(told)?;
                }
                let insert = sqlx::query_with(sql, arguments).persistent(false);
                Ok(insert.execute(&mut **tx).await.map_err(told)?.rows_affected())
            }
        }
    }

    /// Runs a statement without parameters; returns the number of changed rows.
    pub async fn run(&mut self, sql: &str) -> Result<u64, sqlx::Error> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(tx) => Ok(tx.execute(sql).await?.rows_affected()),
            Self::Postgres(tx) => Ok(tx.execute(sql).await?.rows_affected()),
        }
    }

    pub async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}

/// The error of a freeze; `code` is how the engine says that others hold a lock.
fn written_to(error: sqlx::Error, code: &str) -> TransferError {
    let told = error.as_database_error().and_then(|error| error.code());
    match told.as_deref() == Some(code) {
        true => TransferError::WrittenTo,
        false => error.into(),
    }
}
