//! The commands for a member's notices.

use super::model::Notice;
use super::sql;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::MembershipId;
use crate::platform::tenant::CurrentOrg;
use crate::platform::tenant::permission::AnyMember;

/// Turns on the `wanted` notices for the member who acts, and stops all others.
///
/// # Errors
/// [`AppError::Refused`] for an operator on a visit.
pub(super) async fn choose(org: &CurrentOrg<AnyMember>, wanted: &[Notice]) -> Result<()> {
    let member = org.membership.id;
    if member == MembershipId::NONE {
        return Err(AppError::Refused(
            "Operators get no notifications: they are not members.".into(),
        ));
    }
    let (mut tx, _) = org.write().await?;
    for &notice in Notice::ALL {
        match wanted.contains(&notice) {
            true => sql::resume(&mut tx, member, notice).await?,
            false => sql::stop(&mut tx, member, notice, org.now).await?,
        }
    }
    tx.commit_unrecorded().await?;
    Ok(())
}
