//! A transaction on either engine.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use sqlx::{AssertSqlSafe, Postgres, Sqlite};

use super::connect::{Db, Engine, Patience, Pools, ReadOrWrite};
use super::fault;
use super::grants::LOOKUP_ROLE;
use super::held::{self, Held, within};
use super::locks::Locks;
use super::query::Query;
use super::statement::{TenantSql, UnscopedSql};
use crate::platform::email::EmailAddress;
use crate::platform::ids::{OrganizationId, UserId};

/// An open transaction; if it is dropped without [`Tx::commit`], it is rolled back.
pub(in crate::platform) struct Tx {
    pub(super) connection: Connection,
    pub(super) statements: Arc<AtomicU64>,
    pub(super) changed: bool,
    pub(super) patience: Patience,
    pub(super) locks: Locks,
    /// Whether PostgreSQL's server may keep prepared statements on this connection.
    pub(super) keeps_statements: bool,
    intent: ReadOrWrite,
}

pub(super) enum Connection {
    Sqlite(Held<Sqlite>),
    Postgres(Held<Postgres>),
}

/// What a transaction may see: on PostgreSQL, row-level security gets this with the `begin`.
#[derive(Clone, Debug)]
pub(in crate::platform) enum Scope {
    /// The rows of one organization.
    Organization(OrganizationId),
    /// No organization's rows; look-ups present what they search by.
    Outside,
    /// Outside organizations, for a signed-in person, who sees their own memberships and
    /// invitations.
    Person(UserId, EmailAddress),
    /// The queues of every organization, for the workers.
    Queues,
}

impl Db {
    /// Begins a transaction.
    ///
    /// On SQLite, a transaction that will write takes the write lock at once: one that starts as a
    /// reader fails later, however long it is willing to wait. On PostgreSQL the scope is sent with
    /// the `begin`, in the same round trip, and ends with the transaction.
    pub(in crate::platform) async fn begin(
        &self,
        intent: ReadOrWrite,
        scope: &Scope,
    ) -> Result<Tx, sqlx::Error> {
        let begin = begin_statement(intent, scope, self.route.settings());
        let db = self.clone();
        // In a task of its own, because sqlx forgets a `begin` whose future is dropped: the
        // connection would stay inside a transaction that nobody ends. On PostgreSQL it swallowed
        // the next user's acknowledged write; on SQLite nobody could write any more.
        let begun = tokio::spawn(async move { db.open(intent, begin).await });
        let connection = begun.await.map_err(|_| sqlx::Error::WorkerCrashed)??;
        let statements = self.counter();
        let (patience, locks) = (self.patience, Locks::default());
        let keeps_statements = self.route.keeps_statements();
        Ok(Tx { connection, statements, changed: false, patience, locks, keeps_statements, intent })
    }

    async fn open(&self, intent: ReadOrWrite, begin: String) -> Result<Connection, sqlx::Error> {
        let limit = self.patience.connection;
        match (&self.pools, intent) {
            (Pools::Sqlite { read, .. }, ReadOrWrite::Read) => {
                Held::begin(read, "begin", limit, &self.trust).await.map(Connection::Sqlite)
            }
            (Pools::Sqlite { write, .. }, ReadOrWrite::Write) => {
                Held::begin(write, "begin immediate", limit, &self.trust)
                    .await
                    .map(Connection::Sqlite)
            }
            (Pools::Postgres(pool), _) => {
                let begun =
                    Held::begin(pool, AssertSqlSafe(begin.clone()), limit, &self.trust).await;
                let begun = match begun {
                    // The pooler has no free connection to the server.
                    Err(error) if !self.is_direct() && held::is_out_of_time(&error) => {
                        return Err(sqlx::Error::PoolTimedOut);
                    }
                    // Nothing was sent on it yet, and all others are as old, for example because
                    // the server was restarted. Try once more, with a new connection.
                    Err(error) if fault::is_disconnected(&error) => {
                        self.distrust_connections();
                        Held::begin(pool, AssertSqlSafe(begin), limit, &self.trust).await
                    }
                    begun => begun,
                };
                begun.map(Connection::Postgres)
            }
        }
    }
}

fn begin_statement(intent: ReadOrWrite, scope: &Scope, settings: &str) -> String {
    let begin = match intent {
        // All reads of the transaction see the same state, as on SQLite. Otherwise the verification
        // of the audit log would miss its end if somebody appends to it meanwhile.
        ReadOrWrite::Read => "begin isolation level repeatable read, read only",
        ReadOrWrite::Write => "begin",
    };
    let organization = match scope {
        Scope::Organization(id) => *id,
        Scope::Outside | Scope::Person(..) | Scope::Queues => OrganizationId::OUTSIDE,
    };
    // An id consists of hexadecimal digits and hyphens, and cannot break out of the quotes.
    let begin = format!("{begin}{settings}; set local app.organization_id = '{organization}'");
    if let Scope::Organization(_) = scope {
        return begin;
    }
    let begin = format!("{begin}; set local role {LOOKUP_ROLE}");
    match scope {
        Scope::Organization(_) | Scope::Outside => begin,
        Scope::Person(id, email) => format!(
            "{begin}; set local app.user_id = '{id}'; set local app.user_email = '{}'",
            email.as_str().replace('\'', "''")
        ),
        Scope::Queues => format!("{begin}; set local app.queues = 'on'"),
    }
}

impl Tx {
    pub(in crate::platform) fn engine(&self) -> Engine {
        match self.connection {
            Connection::Sqlite(_) => Engine::Sqlite,
            Connection::Postgres(_) => Engine::Postgres,
        }
    }

    /// Whether a statement has changed rows.
    pub(in crate::platform) fn has_changed(&self) -> bool {
        self.changed
    }

    /// A statement inside one organization; the caller binds the organization's id first.
    pub(in crate::platform) fn tenant_query(&mut self, sql: TenantSql) -> Query<'_> {
        #[cfg(feature = "prove")]
        let sql = sql.for_a_proof(self.engine());
        Query::new(self, sql.0)
    }

    /// A statement outside organizations.
    pub(in crate::platform) fn unscoped_query(&mut self, sql: UnscopedSql) -> Query<'_> {
        Query::new(self, sql.0)
    }

    /// Continues this transaction inside an organization only; PostgreSQL is told which.
    pub(in crate::platform) async fn enter(
        &mut self,
        organization: OrganizationId,
    ) -> Result<(), sqlx::Error> {
        if let Connection::Postgres(held) = &mut self.connection {
            let entered = sqlx::query(
                "select set_config('app.organization_id', $1, true),
                        set_config('app.user_id', '', true),
                        set_config('app.user_email', '', true),
                        set_config('app.token_hash', '', true),
                        set_config('app.queues', '', true),
                        set_config('role', 'none', true)",
            )
            .bind(organization.to_string())
            .persistent(self.keeps_statements)
            .execute(&mut **held);
            let entered = within(self.patience.statement, entered).await;
            held.note(entered)?;
            self.locks.move_on();
        }
        Ok(())
    }

    /// Whether something was changed that has to be recorded.
    pub(in crate::platform) fn is_changed(&self) -> bool {
        self.changed
    }

    /// Resets whether something was changed that has to be recorded, after a statement that does
    /// not count.
    pub(in crate::platform) fn set_changed(&mut self, changed: bool) {
        self.changed = changed;
    }

    /// Checks deferred constraints now instead of at the commit: inside another organization the
    /// check could not see the rows.
    pub(in crate::platform) async fn settle(&mut self) -> Result<(), sqlx::Error> {
        if let Connection::Postgres(held) = &mut self.connection {
            let settled = sqlx::query("set constraints all immediate")
                .persistent(self.keeps_statements)
                .execute(&mut **held);
            let settled = within(self.patience.statement, settled).await;
            held.note(settled)?;
        }
        Ok(())
    }

    /// Continues this transaction outside organizations, as if it had begun for a signed-in person;
    /// PostgreSQL is told whom.
    pub(in crate::platform) async fn leave(
        &mut self,
        user: UserId,
        email: &EmailAddress,
    ) -> Result<(), sqlx::Error> {
        self.settle().await?;
        if let Connection::Postgres(held) = &mut self.connection {
            let left = sqlx::query(
                "select set_config('app.organization_id', $1, true),
                        set_config('app.user_id', $2, true),
                        set_config('app.user_email', $3, true),
                        set_config('app.token_hash', '', true),
                        set_config('app.queues', '', true),
                        set_config('role', $4, true)",
            )
            .bind(OrganizationId::OUTSIDE.to_string())
            .bind(user.to_string())
            .bind(email.as_str())
            .bind(LOOKUP_ROLE)
            .persistent(self.keeps_statements)
            .execute(&mut **held);
            let left = within(self.patience.statement, left).await;
            held.note(left)?;
        }
        Ok(())
    }

    /// Presents the digest of a token, so that its row may be looked up from now on.
    pub(in crate::platform) async fn present(&mut self, digest: &[u8]) -> Result<(), sqlx::Error> {
        if let Connection::Postgres(held) = &mut self.connection {
            let presented =
                sqlx::query("select set_config('app.token_hash', encode($1, 'hex'), true)")
                    .bind(digest)
                    .persistent(self.keeps_statements)
                    .execute(&mut **held);
            let presented = within(self.patience.statement, presented).await;
            held.note(presented)?;
        }
        Ok(())
    }

    /// Commits the changes. A transaction that only reads has none, and is ended by the rollback
    /// that sqlx sends when it takes the connection back, for which nobody waits.
    pub(in crate::platform) async fn commit(self) -> Result<(), sqlx::Error> {
        if self.intent == ReadOrWrite::Read {
            return Ok(());
        }
        match self.connection {
            Connection::Sqlite(held) => held.commit(self.patience.statement).await,
            Connection::Postgres(held) => held.commit(self.patience.statement).await,
        }
    }
}
