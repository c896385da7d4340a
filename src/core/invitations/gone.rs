//! What happens to the invitations of a person whose account is deleted.

use super::sql;
use crate::core::invitations::noun::INVITATION_DECLINED;
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::sql;
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::tenant::OrgTx;

/// Replaces an address whose account is deleted. Nobody receives mail there.
const NOBODY: &str = "deleted@account.invalid";

/// Declines the open invitation for `email`. The transaction must hold the organization's lock.
pub(crate) async fn decline_waiting(
    tx: &mut OrgTx,
    email: &EmailAddress,
    now: Timestamp,
) -> Result<()> {
    if let Some(waiting) = sql::find_pending(tx, email).await?
        && sql::answer(tx, waiting.id, "declined", now).await?
    {
        tx.record(waiting.entry(INVITATION_DECLINED));
    }
    Ok(())
}

/// Whether invitations created up to `until` contain `email`: all answered ones or, if the address
/// was never confirmed, only accepted ones, because others may have been for somebody else.
pub(crate) async fn names(
    tx: &mut OrgTx,
    email: &EmailAddress,
    is_proved: bool,
    until: Timestamp,
) -> Result<bool, sqlx::Error> {
    let (found,) = tx
        .query(sql!(
            "select exists (
                select 1 from invitations
                where organization_id = $1 and created_at <= $4 and (requested_email = $2
                    or email = $2 and status <> 'pending' and ($3 or status = 'accepted')))"
        ))
        .bind(email)
        .bind(is_proved)
        .bind(until)
        .one()
        .await?;
    Ok(found)
}

/// Removes the address from the invitations that [`names`] finds.
pub(crate) async fn forget(
    tx: &mut OrgTx,
    email: &EmailAddress,
    is_proved: bool,
    until: Timestamp,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "update invitations set requested_email = null
         where organization_id = $1 and requested_email = $2 and created_at <= $3"
    ))
    .bind(email)
    .bind(until)
    .execute()
    .await?;
    tx.query(sql!(
        "update invitations set email = $5
         where organization_id = $1 and email = $2 and created_at <= $4
            and status <> 'pending' and ($3 or status = 'accepted')"
    ))
    .bind(email)
    .bind(is_proved)
    .bind(until)
    .bind(NOBODY)
    .execute()
    .await?;
    Ok(())
}
