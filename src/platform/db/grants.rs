//! PostgreSQL's role for the application. It owns nothing, cannot bypass row-level security, and
//! has only the rights on each table that the application needs.

use sqlx::{AssertSqlSafe, Executor, PgConnection, PgPool, Row};

use super::confine::ONE_AT_A_TIME;
use super::tables;

/// The role of transactions outside organizations, for look-ups. The migrations create it; it is
/// created again if a database was moved to a server without it.
pub const LOOKUP_ROLE: &str = "tenantry_lookup";

/// Creates `role` and the look-up role if they are missing, gives each exactly the rights it needs
/// on every table, and lets the owner of the tables read all rows for a backup.
///
/// # Errors
/// When the connected role may not do this: it must own the tables and, if a role is missing, be
/// allowed to create roles.
pub async fn grant(pool: &PgPool, role: &str) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    tx.execute(ONE_AT_A_TIME).await?;
    for (role, may_log_in) in [(role, "login"), (LOOKUP_ROLE, "nologin")] {
        // Roles belong to the whole server: another database may create the same one at this
        // moment.
        let create = format!(
            "do $$ begin
                if not exists (select 1 from pg_roles where rolname = '{role}') then
                    create role {role} {may_log_in}
                        nosuperuser nobypassrls nocreatedb nocreaterole noinherit;
                end if;
             exception when duplicate_object or unique_violation then null;
             end $$"
        );
        tx.execute(AssertSqlSafe(create)).await?;
    }
    tx.execute(AssertSqlSafe(format!("grant usage on schema public to {role}"))).await?;
    // The tables of an extension are not ours.
    let tables = sqlx::query(
        "select c.relname::text from pg_class c
         join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
         where c.relkind in ('r', 'p') and not exists (
            select 1 from pg_depend d
            where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
         order by 1",
    )
    .fetch_all(&mut *tx)
    .await?;
    for table in tables {
        let table: String = table.try_get(0)?;
        let known = tables::all().find(|known| known.name == table);
        let rights = known.map(|known| known.rights);
        let rights_outside = known.and_then(|known| known.rights_outside);
        for (role, rights) in [(role, rights), (LOOKUP_ROLE, rights_outside)] {
            tx.execute(AssertSqlSafe(format!("revoke all on {table} from {role}"))).await?;
            if let Some(rights) = rights {
                tx.execute(AssertSqlSafe(format!("grant {rights} on {table} to {role}"))).await?;
            }
        }
    }
    tx.execute(AssertSqlSafe(format!("grant usage on schema public to {LOOKUP_ROLE}"))).await?;
    // The owner's commands do look-ups, too.
    tx.execute(AssertSqlSafe(format!("grant {LOOKUP_ROLE} to {role}, current_user"))).await?;
    let_backups_read(&mut tx).await?;
    tx.commit().await
}

/// The policy that lets the owner of the tables read all rows in a transaction that declares a
/// backup. Row-level security is forced on the owner, and managed servers let nobody bypass it.
/// This weakens nothing: the owner could drop every policy anyway, and the service's role, which
/// must not be a member of the owner, gets nothing from it.
pub const BACKUP_POLICY: &str = "to_backup";

/// The policy's condition, as the catalogue shows it.
pub(super) const BACKUP_CONDITION: &str =
    "(current_setting('app.backup'::text, true) = 'on'::text)";

/// Gives every table with row-level security the policy for backups, unless it has it.
async fn let_backups_read(tx: &mut PgConnection) -> Result<(), sqlx::Error> {
    let lacking: Vec<(String, String, bool)> = sqlx::query_as(
        "select c.relname::text, quote_ident(pg_get_userbyid(c.relowner)), exists (
            select 1 from pg_policy p where p.polrelid = c.oid and p.polname = $1)
         from pg_class c
         join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
         where c.relkind in ('r', 'p') and c.relrowsecurity and not exists (
            select 1 from pg_policies p
            where p.schemaname = 'public' and p.tablename = c.relname and p.policyname = $1
                and p.cmd = 'SELECT' and p.qual = $2
                and p.roles = array[pg_get_userbyid(c.relowner)])
         order by 1",
    )
    .bind(BACKUP_POLICY)
    .bind(BACKUP_CONDITION)
    .fetch_all(&mut *tx)
    .await?;
    for (table, owner, is_another) in lacking {
        if is_another {
            tx.execute(AssertSqlSafe(format!("drop policy {BACKUP_POLICY} on {table}"))).await?;
        }
        let create = format!(
            "create policy {BACKUP_POLICY} on {table} for select to {owner}
             using (current_setting('app.backup', true) = 'on')"
        );
        tx.execute(AssertSqlSafe(create)).await?;
    }
    Ok(())
}
