//! What ends with a membership, however it ends.

use super::sql::{self, Target};
use crate::core::access;
use crate::platform::clock::Timestamp;
use crate::platform::tenant::OrgTx;

/// Ends a membership: revokes the member's invitations, and unassigns their tasks. The transaction
/// must hold the organization's lock. The caller must have made sure that there is another owner,
/// and records the reason.
pub(crate) async fn depart(
    tx: &mut OrgTx,
    member: &Target,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sql::revoke_offers_above(tx, member.user_id, i64::MIN, now).await?;
    // Locks the row on both engines: someone who is assigning a task to the member has either
    // finished, or will find no membership.
    sql::lock(tx, member.membership_id).await?;
    access::release(tx, member.membership_id).await?;
    sql::delete(tx, member.membership_id).await
}
