//! A statement with its parameters, for either engine.

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Encode, FromRow, Postgres, Sqlite, Type};

use super::held::within;
use super::statement::Text;
use super::tx::{Connection, Tx};
use crate::platform::telemetry::Statement;

/// A value that both engines accept.
pub trait Param<'q>:
    Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> + Send + 'q
{
}

impl<'q, T> Param<'q> for T where
    T: Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> + Send + 'q
{
}

/// A row that both engines can return: derive `sqlx::FromRow`, or use a tuple.
pub trait Row:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}

impl<T> Row for T where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}

/// A transaction that runs statements of the kind `S`.
pub trait Runs<S> {
    /// Starts a statement; the caller binds the parameters that follow those of the transaction.
    fn run(&mut self, sql: S) -> Query<'_>;
}

enum Args {
    Sqlite(SqliteArguments),
    Postgres(PgArguments),
}

/// A statement with its parameters, bound in the order of `$1`, `$2`, ….
#[must_use = "a query does nothing until it is run"]
pub struct Query<'q> {
    tx: &'q mut Tx,
    text: &'static str,
    args: Args,
    error: Option<sqlx::error::BoxDynError>,
}

impl<'q> Query<'q> {
    pub(super) fn new(tx: &'q mut Tx, text: Text) -> Self {
        let args = match tx.connection {
            Connection::Sqlite(_) => Args::Sqlite(SqliteArguments::default()),
            Connection::Postgres(_) => Args::Postgres(PgArguments::default()),
        };
        let text = text.on(tx.engine());
        Self { tx, text, args, error: None }
    }

    /// Binds the next parameter.
    pub fn bind(mut self, value: impl Param<'q>) -> Self {
        let added = match &mut self.args {
            Args::Sqlite(args) => args.add(value),
            Args::Postgres(args) => args.add(value),
        };
        // The error is kept until the statement runs, so that calls can be chained.
        self.error = self.error.or(added.err());
        self
    }

    /// Runs the statement; returns the number of affected rows.
    pub async fn execute(self) -> Result<u64, sqlx::Error> {
        let (tx, text, args) = self.ready()?;
        let _timed = Statement::begins(text);
        let rows = match (&mut tx.connection, args) {
            (Connection::Sqlite(held), Args::Sqlite(args)) => {
                let done = sqlx::query_with(text, args).execute(&mut **held);
                let done = within(tx.patience.statement, done).await;
                held.note(done)?.rows_affected()
            }
            (Connection::Postgres(held), Args::Postgres(args)) => {
                let done = sqlx::query_with(text, args)
                    .persistent(tx.keeps_statements)
                    .execute(&mut **held);
                let done = within(tx.patience.statement, done).await;
                held.note(done)?.rows_affected()
            }
            _ => unreachable!("arguments are made for the transaction's own engine"),
        };
        tx.changed |= rows > 0;
        Ok(rows)
    }

    /// All rows. Statements that can return many must have a `limit`.
    pub async fn all<T: Row>(self) -> Result<Vec<T>, sqlx::Error> {
        let (tx, text, args) = self.ready()?;
        let _timed = Statement::begins(text);
        match (&mut tx.connection, args) {
            (Connection::Sqlite(held), Args::Sqlite(args)) => {
                let found = sqlx::query_as_with(text, args).fetch_all(&mut **held);
                let found = within(tx.patience.statement, found).await;
                held.note(found)
            }
            (Connection::Postgres(held), Args::Postgres(args)) => {
                let found = sqlx::query_as_with(text, args)
                    .persistent(tx.keeps_statements)
                    .fetch_all(&mut **held);
                let found = within(tx.patience.statement, found).await;
                held.note(found)
            }
            _ => unreachable!("arguments are made for the transaction's own engine"),
        }
    }

    /// The first row, if there is one.
    pub async fn optional<T: Row>(self) -> Result<Option<T>, sqlx::Error> {
        let (tx, text, args) = self.ready()?;
        let _timed = Statement::begins(text);
        match (&mut tx.connection, args) {
            (Connection::Sqlite(held), Args::Sqlite(args)) => {
                let found = sqlx::query_as_with(text, args).fetch_optional(&mut **held);
                let found = within(tx.patience.statement, found).await;
                held.note(found)
            }
            (Connection::Postgres(held), Args::Postgres(args)) => {
                let found = sqlx::query_as_with(text, args)
                    .persistent(tx.keeps_statements)
                    .fetch_optional(&mut **held);
                let found = within(tx.patience.statement, found).await;
                held.note(found)
            }
            _ => unreachable!("arguments are made for the transaction's own engine"),
        }
    }

    /// The first row.
    ///
    /// # Errors
    /// `RowNotFound` when there is none.
    pub async fn one<T: Row>(self) -> Result<T, sqlx::Error> {
        self.optional().await?.ok_or(sqlx::Error::RowNotFound)
    }

    fn ready(self) -> Result<(&'q mut Tx, &'static str, Args), sqlx::Error> {
        if let Some(error) = self.error {
            return Err(sqlx::Error::Encode(error));
        }
        let bound = match &self.args {
            Args::Sqlite(args) => args.len(),
            Args::Postgres(args) => args.len(),
        };
        // SQLite silently treats a parameter that was never bound as NULL.
        assert_eq!(bound, highest_parameter(self.text), "parameters bound for: {}", self.text);
        match &self.tx.connection {
            Connection::Sqlite(held) => held.expect_open()?,
            Connection::Postgres(held) => {
                held.expect_open()?;
                if cfg!(debug_assertions) {
                    self.tx.locks.take(self.text);
                }
            }
        }
        self.tx.statements.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok((self.tx, self.text, self.args))
    }
}

/// The highest `n` of the `$n` in a text.
fn highest_parameter(text: &str) -> usize {
    text.split('$')
        .skip(1)
        .filter_map(|rest| {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            rest[..digits].parse().ok()
        })
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::highest_parameter;

    #[test]
    fn the_highest_parameter_is_found_wherever_it_stands() {
        assert_eq!(highest_parameter("select 1"), 0);
        assert_eq!(highest_parameter("select $2, $10 where a = $1"), 10);
    }
}
