//! The statements about saved filters.

use super::commands::Details;
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::sql;
use crate::platform::ids::{FilterId, MembershipId};
use crate::platform::tenant::OrgTx;

pub(super) async fn insert(
    tx: &mut OrgTx,
    member: MembershipId,
    details: &Details,
    now: Timestamp,
) -> Result<FilterId, sqlx::Error> {
    let id = FilterId::new();
    tx.query(sql!(
        "insert into saved_filters
            (organization_id, id, membership_id, list, name, query, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)"
    ))
    .bind(id)
    .bind(member)
    .bind(details.list)
    .bind(&details.name)
    .bind(&details.query)
    .bind(now)
    .execute()
    .await?;
    Ok(id)
}

/// Deletes a filter of `member`; returns its list and its name, or `None` if they have no such
/// filter.
pub(super) async fn delete(
    tx: &mut OrgTx,
    member: MembershipId,
    id: FilterId,
) -> Result<Option<(String, String)>, sqlx::Error> {
    tx.query(sql!(
        "delete from saved_filters
         where organization_id = $1 and id = $2 and membership_id = $3
         returning list, name"
    ))
    .bind(id)
    .bind(member)
    .optional()
    .await
}
