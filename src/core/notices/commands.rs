//! The commands for notices, of members and of anybody who has the link in an email.

use super::model::Notice;
use super::sql;
use super::way_out::Subscription;
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::MembershipId;
use crate::platform::session::Device;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, OrgTx, UnscopedTx};

/// Turns on the `wanted` notices for the member who acts, and stops all others.
///
/// # Errors
/// [`AppError::Refused`] for an operator on a visit.
pub(super) async fn choose(org: &CurrentOrg<AnyMember>, wanted: &[Notice]) -> Result<()> {
    let member = org.membership.id;
    if member == MembershipId::NONE {
        return Err(AppError::Refused(
            "Operators don't get notifications, because they aren't members.".into(),
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

/// Stops the notice of a link.
pub(super) async fn stop(app: &App, device: &Device, link: Subscription) -> Result<()> {
    let mut tx = write(app, device, link).await?;
    sql::stop(&mut tx, link.member, link.notice, app.clock.now()).await?;
    tx.commit_unrecorded().await?;
    Ok(())
}

/// Resumes the notice of a link.
pub(super) async fn resume(app: &App, device: &Device, link: Subscription) -> Result<()> {
    let mut tx = write(app, device, link).await?;
    sql::resume(&mut tx, link.member, link.notice).await?;
    tx.commit_unrecorded().await?;
    Ok(())
}

async fn write(app: &App, device: &Device, link: Subscription) -> Result<OrgTx> {
    Ok(UnscopedTx::write(app).await?.from(device).enter(link.organization).await?)
}
