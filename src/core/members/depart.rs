//! What ends with a membership, however it ends.

use super::sql::{self, Target};
use crate::core::access;
use crate::platform::clock::Timestamp;
use crate::platform::tenant::OrgTx;

/// Ends a membership in a transaction that holds the lock of the organization: what the member has
/// offered is revoked, and their tasks are nobody's. Whoever calls it has seen that an owner is
/// left, and records what it was.
pub(crate) async fn depart(
    tx: &mut OrgTx,
    member: &Target,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sql::revoke_offers_above(tx, member.user_id, i64::MIN, now).await?;
    // Its row is locked on either engine: whoever is about to give the member a task is done with it,
    // or finds the membership gone.
    sql::lock(tx, member.membership_id).await?;
    access::release(tx, member.membership_id).await?;
    sql::delete(tx, member.membership_id).await
}
