//! Checks whether the service connects as the role in the settings.

use crate::platform::checkup::Check;
use crate::platform::db::connect::{Db, Pools};

/// Compares the connected role with `expected`, which `tenantry migrate` has given its rights.
/// `None` on SQLite, which has no roles.
///
/// # Errors
/// When the database does not respond.
pub async fn connected_role(db: &Db, expected: &str) -> Result<Option<Check>, sqlx::Error> {
    const ABOUT: &str = "connected role";
    let Pools::Postgres(pool) = &db.pools else {
        return Ok(None);
    };
    let mut tx = pool.begin().await?;
    let role: String = sqlx::query_scalar("select current_user::text")
        .persistent(false)
        .fetch_one(&mut *tx)
        .await?;
    Ok(Some(if role == expected {
        Check::ok(ABOUT, format!("It is {role}, as TENANTRY_DATABASE_ROLE says."))
    } else {
        Check::warn(
            ABOUT,
            format!("It is {role}, and TENANTRY_DATABASE_ROLE says {expected}."),
            format!(
                "Make TENANTRY_DATABASE_URL name {expected}; or set TENANTRY_DATABASE_ROLE={role} \
                 and run `tenantry migrate` with the owner's URL, if {role} owns nothing."
            ),
        )
    }))
}
