//! What ends with a membership, however it ends.

use super::sql::{self, Target};
use crate::core::access;
use crate::platform::clock::Timestamp;
use crate::platform::ids::UserId;
use crate::platform::tenant::OrgTx;

/// Ends what `user` offers to others and a role of `rank` may not offer: their invitations, and the
/// join link that they have made. Returns the number of invitations.
pub(super) async fn end_offers_above(
    tx: &mut OrgTx,
    user: UserId,
    rank: i64,
    now: Timestamp,
) -> Result<u64, sqlx::Error> {
    sql::end_join_link_above(tx, user, rank, now).await?;
    sql::revoke_offers_above(tx, user, rank, now).await
}

/// Ends a membership: revokes the member's invitations, ends their join link, and unassigns their tasks. The transaction
/// must hold the organization's lock. The caller must have made sure that there is another owner,
/// and records the reason.
pub(crate) async fn depart(
    tx: &mut OrgTx,
    member: &Target,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    end_offers_above(tx, member.user_id, i64::MIN, now).await?;
    // Locks the row on both engines: someone who is assigning a task to the member has either
    // finished, or will find no membership.
    sql::lock(tx, member.membership_id).await?;
    access::release(tx, member.membership_id).await?;
    sql::delete(tx, member.membership_id).await
}
