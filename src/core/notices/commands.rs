//! The commands for notices, of members and of anybody who has the link in an email.

use super::model::{Delivery, Notice};
use super::noun::NotificationId;
use super::sql;
use super::way_out::{Subject, Subscription};
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::MembershipId;
use crate::platform::session::Device;
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, UnscopedTx};

/// The member who acts.
///
/// # Errors
/// [`AppError::Refused`] for an operator on a visit.
fn member(org: &CurrentOrg<AnyMember>) -> Result<MembershipId> {
    match org.membership.id {
        MembershipId::NONE => Err(AppError::Refused(
            "Operators don't get notifications, because they aren't members.".into(),
        )),
        member => Ok(member),
    }
}

/// Stores how the member who acts wants to be told about each notice.
///
/// # Errors
/// [`AppError::Refused`] for an operator on a visit.
pub(super) async fn choose(
    org: &CurrentOrg<AnyMember>,
    choices: &[(Notice, Delivery)],
) -> Result<()> {
    let member = member(org)?;
    let (mut tx, _) = org.write().await?;
    for &(notice, delivery) in choices {
        sql::choose(&mut tx, member, notice, delivery, org.now).await?;
    }
    tx.commit_unrecorded().await?;
    Ok(())
}

/// Marks a notification of the member who acts as read, or as unread.
///
/// # Errors
/// [`AppError::NotFound`] if there is none; [`AppError::Refused`] for an operator on a visit.
pub(super) async fn mark(
    org: &CurrentOrg<AnyMember>,
    id: NotificationId,
    is_read: bool,
) -> Result<()> {
    let member = member(org)?;
    let (mut tx, _) = org.write().await?;
    if !sql::mark(&mut tx, member, id, is_read.then_some(org.now)).await? {
        return Err(AppError::NotFound);
    }
    tx.commit_unrecorded().await?;
    Ok(())
}

/// Marks everything up to the notification `newest` as read: what came later has not been seen.
///
/// # Errors
/// [`AppError::NotFound`] if there is none; [`AppError::Refused`] for an operator on a visit.
pub(super) async fn mark_all(org: &CurrentOrg<AnyMember>, newest: NotificationId) -> Result<()> {
    let member = member(org)?;
    let (mut tx, _) = org.write().await?;
    if !sql::mark(&mut tx, member, newest, Some(org.now)).await? {
        return Err(AppError::NotFound);
    }
    sql::mark_all(&mut tx, member, newest, org.now).await?;
    tx.commit_unrecorded().await?;
    Ok(())
}

/// Marks notifications as read whose page is being looked at.
pub(super) async fn see(org: &Context, seen: &[NotificationId]) -> Result<()> {
    let mut tx = UnscopedTx::write(&org.app).await?.enter(org.organization.id).await?;
    for id in seen {
        sql::mark(&mut tx, org.membership.id, *id, Some(org.now)).await?;
    }
    tx.commit_unrecorded().await?;
    Ok(())
}

/// Stops the emails of a link: what they told is in the inbox alone from now on.
pub(super) async fn stop(app: &App, device: &Device, link: Subscription) -> Result<()> {
    change(app, device, link, link.subject.delivery(), Delivery::Page).await
}

/// Resumes the emails of a link, for what is in the inbox alone by now.
pub(super) async fn resume(app: &App, device: &Device, link: Subscription) -> Result<()> {
    change(app, device, link, Delivery::Page, link.subject.delivery()).await
}

/// Changes the notices of a link's subject that are told in one way to another; who has chosen something
/// else meanwhile keeps that.
async fn change(
    app: &App,
    device: &Device,
    link: Subscription,
    from: Delivery,
    to: Delivery,
) -> Result<()> {
    let Subscription { organization, member, subject } = link;
    let mut tx = UnscopedTx::write(app).await?.from(device).enter(organization).await?;
    let now = app.clock.now();
    let choices = sql::choices(&mut tx, member).await?;
    for &notice in Notice::ALL {
        if subject.includes(notice) && choices.delivery(notice) == from {
            sql::choose(&mut tx, member, notice, to, now).await?;
        }
    }
    if subject == Subject::Digest {
        sql::stop_waiting(&mut tx, member).await?;
    }
    tx.commit_unrecorded().await?;
    Ok(())
}
