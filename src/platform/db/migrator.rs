//! Checks whether the connected role may migrate, so that the operator gets a clear message instead
//! of a migration that stops halfway with the server's error.

use sqlx::Row;

use super::connect::{Db, Pools};

/// What keeps the connected role from migrating, and how to fix it; `None` if nothing does.
/// `service` is the role that the migrations create for the service.
///
/// # Errors
/// When the database does not respond.
pub async fn hindrance(db: &Db, service: &str) -> Result<Option<String>, sqlx::Error> {
    let Pools::Postgres(pool) = &db.pools else {
        return Ok(None);
    };
    let mut tx = pool.begin().await?;
    let row = sqlx::query(
        "select current_user::text, current_database()::text,
            (select t.tableowner::text from pg_tables t
             where t.schemaname = 'public' and t.tablename = '_sqlx_migrations'),
            coalesce((select pg_has_role(current_user, t.tableowner, 'usage') from pg_tables t
             where t.schemaname = 'public' and t.tablename = '_sqlx_migrations'), true),
            has_schema_privilege(current_user, 'public', 'create'),
            exists (select 1 from pg_roles r where r.rolname = $1)
            or (select r.rolcreaterole or r.rolsuper from pg_roles r where r.rolname = current_user)",
    )
    .bind(service)
    .persistent(false)
    .fetch_one(&mut *tx)
    .await?;
    let (role, database): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    let owner: Option<String> = row.try_get(2)?;
    let (owns, creates, makes_roles): (bool, bool, bool) =
        (row.try_get(3)?, row.try_get(4)?, row.try_get(5)?);
    let is_service = if role == service { ", the role of the service," } else { "" };
    Ok(match owner {
        Some(owner) if !owns => Some(format!(
            "the role {role}{is_service} may not migrate, because the tables belong to {owner}. Run \
             this command with the URL of {owner}"
        )),
        _ if !creates => Some(format!(
            "the role {role}{is_service} may not create tables in the database {database}. Run \
             this command with the URL of the database's owner; `alter database {database} owner \
             to …` makes a role its owner"
        )),
        _ if !makes_roles => Some(format!(
            "the role {role} may not create the role {service} for the service. A superuser can \
             allow it: alter role {role} createrole"
        )),
        _ => None,
    })
}
