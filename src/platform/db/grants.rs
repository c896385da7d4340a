//! PostgreSQL's role for the application: it owns nothing, cannot bypass row-level security, and
//! may do to each table what the application does to it.

use sqlx::{Executor, PgConnection, PgPool, Row};

/// What the application does to each table.
const GRANTS: &[(&str, &str)] = &[
    ("_sqlx_migrations", "select"),
    ("data_migrations", "select"),
    ("secret_keys", "select, insert, update, delete"),
    ("clock", "select, insert, update"),
    ("users", "select, insert, update, delete"),
    ("sessions", "select, insert, update, delete"),
    ("sign_ins", "select, insert, update, delete"),
    ("account_tokens", "select, insert, update, delete"),
    ("address_changes", "select, insert, update, delete"),
    // Changed by the person alone, outside organizations.
    ("pictures", "select"),
    ("totp_factors", "select, insert, update, delete"),
    ("recovery_codes", "select, insert, update, delete"),
    ("passkeys", "select, insert, update, delete"),
    ("spent_challenges", "select, insert, delete"),
    ("account_acts", "select, insert, update, delete"),
    ("former_passwords", "select, insert, delete"),
    ("account_helps", "select, insert, update, delete"),
    ("throttle", "select, insert, update, delete"),
    ("sent_forms", "select, insert, update, delete"),
    ("sign_ups", "select, insert, update, delete"),
    ("first_links", "select, insert, update, delete"),
    ("devices", "select, insert, update, delete"),
    ("heartbeats", "select, insert, update"),
    ("outbox", "select, insert, update, delete"),
    ("stranger_mails", "select, insert, update, delete"),
    ("jobs", "select, insert, update, delete"),
    // What was deleted goes in the end, with all that is in it.
    ("organizations", "select, insert, update, delete"),
    ("organization_slugs", "select, insert"),
    ("roles", "select, insert, update"),
    ("memberships", "select, insert, update, delete"),
    ("invitations", "select, insert, update"),
    ("invitation_links", "select, insert, update"),
    ("audit_log", "select, insert"),
    // Details can be erased, and not be changed.
    ("audit_details", "select, insert, delete"),
    ("audit_chains", "select, insert, update"),
    ("operators", "select, insert, delete"),
    ("operator_visits", "select, insert, update"),
    ("clients", "select, insert, update, delete"),
    ("projects", "select, insert, update, delete"),
    ("project_members", "select, insert, update, delete"),
    ("tasks", "select, insert, update, delete"),
    ("comments", "select, insert, update, delete"),
    ("comment_mentions", "select, insert, delete"),
    ("saved_filters", "select, insert, update, delete"),
    ("stopped_notices", "select, insert, delete"),
];

/// The role in which a transaction outside organizations looks things up. The migrations make it; it
/// is made again where a database was brought to a server that has no such role.
pub const LOOKUP_ROLE: &str = "tenantry_lookup";

/// What is done outside organizations. What tenants work with is not in it.
const LOOKUP_GRANTS: &[(&str, &str)] = &[
    ("secret_keys", "select, insert, update, delete"),
    ("clock", "select, insert, update"),
    ("users", "select, insert, update, delete"),
    ("sign_ins", "select, insert, update, delete"),
    ("account_tokens", "select, insert, update, delete"),
    ("totp_factors", "select, insert, update, delete"),
    ("recovery_codes", "select, insert, update, delete"),
    ("passkeys", "select, insert, update, delete"),
    ("spent_challenges", "select, insert, delete"),
    ("account_acts", "select, insert, update, delete"),
    ("former_passwords", "select, insert, delete"),
    ("account_helps", "select, insert, update, delete"),
    ("throttle", "select, insert, update, delete"),
    ("sent_forms", "select, insert, update, delete"),
    ("sign_ups", "select, insert, update, delete"),
    ("first_links", "select, insert, update, delete"),
    ("devices", "select, insert, update, delete"),
    ("address_changes", "select, insert, update, delete"),
    ("pictures", "select, insert, update, delete"),
    ("outbox", "select, insert, update, delete"),
    ("stranger_mails", "select, insert, delete"),
    ("jobs", "select, insert, update, delete"),
    ("organizations", "select"),
    ("organization_slugs", "select"),
    ("roles", "select"),
    ("memberships", "select"),
    ("invitations", "select"),
    ("invitation_links", "select"),
    ("audit_log", "select, insert"),
    ("audit_details", "select, insert, delete"),
    ("audit_chains", "select, insert, update"),
    ("operators", "select, insert, delete"),
    ("operator_visits", "select"),
];

/// Creates `role` and the role for look-ups where they are missing, gives each what it needs on every
/// table, no more, and lets the owner of the tables read all rows for a backup.
///
/// # Errors
/// When the connected role may not: it must own the tables and, where a role is missing, be allowed to
/// create roles.
pub async fn grant(pool: &PgPool, role: &str) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    // Of two that grant at the same moment, one fails: one after the other.
    tx.execute("select pg_advisory_xact_lock(7241985602)").await?;
    for (role, may_log_in) in [(role, "login"), (LOOKUP_ROLE, "nologin")] {
        // A role belongs to the whole server: another database of it may create the same one now.
        let create = format!(
            "do $$ begin
                if not exists (select 1 from pg_roles where rolname = '{role}') then
                    create role {role} {may_log_in}
                        nosuperuser nobypassrls nocreatedb nocreaterole noinherit;
                end if;
             exception when duplicate_object or unique_violation then null;
             end $$"
        );
        tx.execute(create.as_str()).await?;
    }
    tx.execute(format!("grant usage on schema public to {role}").as_str()).await?;
    // What belongs to an extension is not ours to give or take.
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
        for (role, grants) in [(role, GRANTS), (LOOKUP_ROLE, LOOKUP_GRANTS)] {
            tx.execute(format!("revoke all on {table} from {role}").as_str()).await?;
            if let Some((_, rights)) = grants.iter().find(|(name, _)| *name == table) {
                tx.execute(format!("grant {rights} on {table} to {role}").as_str()).await?;
            }
        }
    }
    tx.execute(format!("grant usage on schema public to {LOOKUP_ROLE}").as_str()).await?;
    // The owner's commands look things up, too.
    tx.execute(format!("grant {LOOKUP_ROLE} to {role}, current_user").as_str()).await?;
    let_backups_read(&mut tx).await?;
    tx.commit().await
}

/// The policy by which the owner of the tables reads every row in a transaction that says that it
/// makes a backup. Row-level security is forced on the owner, and managed servers give nobody the right
/// to bypass it. The owner could drop every policy; to the service's role, which must not be a member of
/// it, this one gives nothing.
pub const BACKUP_POLICY: &str = "to_backup";

/// The condition of that policy, as the catalogue shows it.
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
            tx.execute(format!("drop policy {BACKUP_POLICY} on {table}").as_str()).await?;
        }
        let create = format!(
            "create policy {BACKUP_POLICY} on {table} for select to {owner}
             using (current_setting('app.backup', true) = 'on')"
        );
        tx.execute(create.as_str()).await?;
    }
    Ok(())
}

/// What the application's role may do to each table, in SQL's words.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    GRANTS.iter().copied()
}

/// The tables that the application's role may use.
pub fn tables() -> impl Iterator<Item = &'static str> {
    GRANTS.iter().map(|(table, _)| *table)
}
