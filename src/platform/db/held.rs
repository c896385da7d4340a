//! A pooled connection inside a transaction, and how it returns to the pool.

use std::future::Future;
use std::io;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Database, Pool, SqlSafeStr};
use sqlx_core::transaction::TransactionManager;
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::connect::Trust;
use super::fault;

/// How long a connection may take to end its transaction before it is closed.
const FAREWELL: Duration = Duration::from_secs(5);

/// A connection inside a transaction. If it is dropped before [`Held::commit`], the transaction is
/// rolled back. If its state is unknown, the connection is closed, and the pool opens another.
pub(super) struct Held<D: Database> {
    /// `None` only during the drop.
    connection: Option<PoolConnection<D>>,
    state: State,
    trust: Trust,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Statements may be sent.
    Open,
    /// A statement has failed, and further ones would not be part of the whole. PostgreSQL refuses
    /// them itself; SQLite may have rolled back already, and would commit each of them.
    Failed,
    /// The transaction is over.
    Ended,
    /// The connection does not respond, or its state is unknown.
    Lost,
}

impl<D: Database> Held<D> {
    /// Takes a connection from `pool` and begins a transaction with `statement`, within `limit`.
    ///
    /// # Errors
    /// When no connection is free in time, or the transaction cannot be begun. The connection is
    /// then closed.
    pub async fn begin(
        pool: &Pool<D>,
        statement: impl SqlSafeStr,
        limit: Duration,
        trust: &Trust,
    ) -> Result<Self, sqlx::Error> {
        let connection = Some(pool.acquire().await?);
        let mut held = Self { connection, state: State::Lost, trust: trust.clone() };
        within(limit, D::TransactionManager::begin(&mut held, Some(statement.into_sql_str())))
            .await?;
        held.state = State::Open;
        Ok(held)
    }

    /// Refuses to continue after a failed statement.
    pub fn expect_open(&self) -> Result<(), sqlx::Error> {
        match self.state {
            State::Open => Ok(()),
            state => Err(sqlx::Error::Protocol(format!(
                "a statement in a transaction that is {state:?}"
            ))),
        }
    }

    /// Tracks the result of a statement.
    pub fn note<T>(&mut self, done: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        if let Err(error) = &done {
            let is_outdated = fault::is_outdated(error);
            if is_outdated {
                self.trust.reset_soon();
            }
            self.state = match is_outdated || fault::is_disconnected(error) {
                true => State::Lost,
                false => State::Failed,
            };
        }
        done
    }

    /// Commits the transaction.
    ///
    /// # Errors
    /// When a statement has failed, or the database refuses. If the connection is lost meanwhile,
    /// it is unknown whether the transaction was committed.
    pub async fn commit(mut self, limit: Duration) -> Result<(), sqlx::Error> {
        self.expect_open()?;
        let done = within(limit, D::TransactionManager::commit(&mut self)).await;
        self.note(done)?;
        self.state = State::Ended;
        Ok(())
    }
}

/// Runs `work`, for at most `limit`.
///
/// # Errors
/// Those of `work`, or a timeout.
pub(super) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    timeout(limit, work).await.unwrap_or_else(|_| {
        let words = "the database did not answer in time";
        Err(sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, words)))
    })
}

/// Whether `error` is the timeout of [`within`].
pub(super) fn is_out_of_time(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut)
}

impl<D: Database> Deref for Held<D> {
    type Target = D::Connection;

    fn deref(&self) -> &D::Connection {
        match &self.connection {
            Some(connection) => connection,
            None => unreachable!("the connection is there until the end"),
        }
    }
}

impl<D: Database> DerefMut for Held<D> {
    fn deref_mut(&mut self) -> &mut D::Connection {
        match &mut self.connection {
            Some(connection) => connection,
            None => unreachable!("the connection is there until the end"),
        }
    }
}

impl<D: Database> Drop for Held<D> {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        if self.state == State::Lost {
            drop(connection.detach());
            return;
        }
        // It is sent together with what the pool sends when a connection is returned.
        if self.state != State::Ended {
            D::TransactionManager::start_rollback(&mut connection);
        }
        let returned = connection.return_to_pool();
        // Without a runtime the process is about to end.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                // The pool itself would wait forever, and the connection's place would be lost.
                if timeout(FAREWELL, returned).await.is_err() {
                    tracing::warn!("a connection to the database does not answer; it is closed");
                }
            });
        }
    }
}
