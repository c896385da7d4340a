//! Notifications of the demonstration.

use super::model::News;
use super::{sql, tell};
use crate::platform::clock::Timestamp;
use crate::platform::error::Result;
use crate::platform::ids::{MembershipId, UserId};
use crate::platform::tenant::OrgTx;

/// Puts news into the inbox of a member of the demonstration, unless they have made it themselves. No
/// email is sent.
pub(crate) async fn seed(
    tx: &mut OrgTx,
    member: MembershipId,
    actor: UserId,
    news: &News,
) -> Result<()> {
    if !sql::is_of(tx, member, actor).await? {
        tell(tx, member, news).await?;
    }
    Ok(())
}

/// Marks everything as read that was told before `at`.
pub(crate) async fn seed_read(tx: &mut OrgTx, at: Timestamp) -> Result<()> {
    Ok(sql::read_before(tx, at).await?)
}
