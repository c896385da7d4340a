//! A transaction on either engine.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use sqlx::{Postgres, Sqlite, Transaction};

use super::connect::{Db, Engine, Pools, ReadOrWrite};
use super::query::Query;
use super::statement::{TenantSql, UnscopedSql};
use crate::platform::ids::OrganizationId;

/// An open transaction; dropped without [`Tx::commit`], it is rolled back.
pub(in crate::platform) struct Tx {
    pub(super) connection: Connection,
    pub(super) statements: Arc<AtomicU64>,
}

pub(super) enum Connection {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Db {
    /// Begins a transaction, inside `organization` where one is given.
    ///
    /// On SQLite a transaction that will write takes the write lock at once: one that starts as a
    /// reader fails later, however long it is ready to wait. On PostgreSQL the organization goes
    /// along with the `begin`, in the same round trip, and ends with the transaction.
    pub(in crate::platform) async fn begin(
        &self,
        intent: ReadOrWrite,
        organization: Option<OrganizationId>,
    ) -> Result<Tx, sqlx::Error> {
        let connection = match &self.pools {
            Pools::Sqlite { read, write } => Connection::Sqlite(match intent {
                ReadOrWrite::Read => read.begin().await?,
                ReadOrWrite::Write => write.begin_with("begin immediate").await?,
            }),
            Pools::Postgres(pool) => {
                Connection::Postgres(pool.begin_with(begin_statement(intent, organization)).await?)
            }
        };
        Ok(Tx { connection, statements: self.counter() })
    }
}

fn begin_statement(intent: ReadOrWrite, organization: Option<OrganizationId>) -> String {
    let begin = match intent {
        ReadOrWrite::Read => "begin read only",
        ReadOrWrite::Write => "begin",
    };
    match organization {
        // An id is hexadecimal digits and dashes; nothing in it can leave the quotes.
        Some(id) => format!("{begin}; set local app.organization_id = '{id}'"),
        None => begin.to_owned(),
    }
}

impl Tx {
    pub(in crate::platform) fn engine(&self) -> Engine {
        match self.connection {
            Connection::Sqlite(_) => Engine::Sqlite,
            Connection::Postgres(_) => Engine::Postgres,
        }
    }

    /// A statement inside one organization, whose id the caller binds first.
    pub(in crate::platform) fn tenant_query(&mut self, sql: TenantSql) -> Query<'_> {
        Query::new(self, sql.0)
    }

    /// A statement outside organizations.
    pub(in crate::platform) fn unscoped_query(&mut self, sql: UnscopedSql) -> Query<'_> {
        Query::new(self, sql.0)
    }

    /// Continues this transaction inside an organization (PostgreSQL learns which).
    pub(in crate::platform) async fn enter(
        &mut self,
        organization: OrganizationId,
    ) -> Result<(), sqlx::Error> {
        if let Connection::Postgres(tx) = &mut self.connection {
            sqlx::query("select set_config('app.organization_id', $1, true)")
                .bind(organization.to_string())
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }

    pub(in crate::platform) async fn commit(self) -> Result<(), sqlx::Error> {
        match self.connection {
            Connection::Sqlite(tx) => tx.commit().await,
            Connection::Postgres(tx) => tx.commit().await,
        }
    }
}
