//! Removing mails because of whom they are for: somebody whose account is deleted.

use crate::platform::clock::Timestamp;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::email::EmailAddress;
use crate::platform::ids::OrganizationId;
use crate::platform::tenant::{OrgTx, UnscopedTx};

/// Removes what waits for `recipient` or went there, and belongs to no organization.
pub async fn all(tx: &mut UnscopedTx, recipient: &EmailAddress) -> Result<(), sqlx::Error> {
    tx.query(unscoped_sql!("delete from outbox where organization_id = $1 and recipient = $2"))
        .bind(OrganizationId::OUTSIDE)
        .bind(recipient)
        .execute()
        .await?;
    Ok(())
}

/// Forgets the mails of one kind to `recipient`.
pub async fn all_of_kind(
    tx: &mut UnscopedTx,
    recipient: &EmailAddress,
    kind: &'static str,
) -> Result<(), sqlx::Error> {
    tx.query(unscoped_sql!(
        "delete from outbox where organization_id = $1 and recipient = $2 and kind = $3"
    ))
    .bind(OrganizationId::OUTSIDE)
    .bind(recipient)
    .bind(kind)
    .execute()
    .await?;
    Ok(())
}

/// Whether mails of the organization up to `until` are for `recipient`; besides those of `spared`
/// kind.
pub async fn holds(
    tx: &mut OrgTx,
    recipient: &EmailAddress,
    spared: &str,
    until: Timestamp,
) -> Result<bool, sqlx::Error> {
    let (found,) = tx
        .query(sql!(
            "select exists (
                select 1 from outbox
                where organization_id = $1 and recipient = $2 and kind <> $3 and created_at <= $4)"
        ))
        .bind(recipient)
        .bind(spared)
        .bind(until)
        .one()
        .await?;
    Ok(found)
}

/// Removes what [`holds`] finds.
pub async fn all_in(
    tx: &mut OrgTx,
    recipient: &EmailAddress,
    spared: &str,
    until: Timestamp,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "delete from outbox
         where organization_id = $1 and recipient = $2 and kind <> $3 and created_at <= $4"
    ))
    .bind(recipient)
    .bind(spared)
    .bind(until)
    .execute()
    .await?;
    Ok(())
}
