//! Removes emails to people whose accounts are deleted.

use crate::platform::clock::Timestamp;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::email::EmailAddress;
use crate::platform::ids::OrganizationId;
use crate::platform::tenant::{OrgTx, UnscopedTx};

/// Removes all emails to `recipient`, sent or waiting, that belong to no organization.
pub async fn all(tx: &mut UnscopedTx, recipient: &EmailAddress) -> Result<(), sqlx::Error> {
    tx.query(unscoped_sql!("delete from outbox where organization_id = $1 and recipient = $2"))
        .bind(OrganizationId::OUTSIDE)
        .bind(recipient)
        .execute()
        .await?;
    Ok(())
}

/// Removes the emails of one kind to `recipient` that belong to no organization.
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

/// Whether the organization has emails to `recipient` that were created up to `until`; ignores
/// those of the kind `spared`.
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

/// Removes the emails that [`holds`] finds.
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
