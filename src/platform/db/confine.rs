//! Keeps the rows of every tenant table in their organization. Every table with the column
//! `organization_id` is one; a migration need not declare anything else.

use super::safety::TENANT_TABLES;
use sqlx::{AssertSqlSafe, Executor, PgPool, SqlitePool};

/// The tables with an organization, on SQLite.
pub(super) const SQLITE_TABLES: &str = "select t.name from sqlite_schema t
    where t.type = 'table'
        and exists (select 1 from pragma_table_info(t.name) c where c.name = 'organization_id')";

/// The statement that creates the SQLite trigger which keeps rows of `table` from moving to another
/// organization.
pub(super) fn sqlite_trigger(table: &str) -> String {
    format!(
        "create trigger {table}_stay before update of organization_id on {table} \
         when old.organization_id <> new.organization_id \
         begin select raise(abort, 'organization_id cannot change'); end;"
    )
}

/// Gives every tenant table its trigger, unless it has one.
pub(super) async fn sqlite(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    let movable: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!(
        "select n.name from ({SQLITE_TABLES}) n
         where not exists (
            select 1 from sqlite_schema s where s.type = 'trigger' and s.name = n.name || '_stay')
         order by 1"
    )))
    .fetch_all(pool)
    .await?;
    for table in movable {
        pool.execute(AssertSqlSafe(sqlite_trigger(&table))).await?;
    }
    Ok(())
}

/// Serializes processes that confine PostgreSQL's tables: if two do so at the same time, one fails.
pub(super) const ONE_AT_A_TIME: &str = "select pg_advisory_xact_lock(7241985602)";

/// Gives every tenant table row-level security, its policy and its trigger, unless it has the
/// policy.
pub(super) async fn postgres(pool: &PgPool) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    tx.execute(ONE_AT_A_TIME).await?;
    let open: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!(
        "select quote_ident(t.name) from ({TENANT_TABLES}) t
         where not exists (
            select 1 from pg_policy p where p.polrelid = t.oid and p.polname = 'tenant')
         order by 1"
    )))
    .fetch_all(&mut *tx)
    .await?;
    for table in open {
        tx.execute(AssertSqlSafe(format!("call confine('{table}')"))).await?;
    }
    tx.commit().await
}
