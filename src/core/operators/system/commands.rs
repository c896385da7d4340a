//! The commands that retry what has failed: each email or job in its own organization, recorded in
//! the installation's log.

use uuid::Uuid;

use crate::core::operators::noun::{JOB_DONE_AGAIN, MAIL_SENT_AGAIN};
use crate::platform::App;
use crate::platform::audit::object;
use crate::platform::audit::{Action, Entry, Object, ObjectKind};
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{JobId, MailId};
use crate::platform::jobs;
use crate::platform::mail::outbox;
use crate::platform::session::CurrentOperator;

/// Queues a failed email again; returns whether there was anything to send.
pub(super) async fn send_again(app: &App, operator: &CurrentOperator, id: MailId) -> Result<bool> {
    let Some(organization) = outbox::organization_of(app, id).await? else {
        return Ok(false);
    };
    let mut tx = operator.write(app).await?.enter(organization).await?;
    if !outbox::send_again(&mut tx, id, operator.now).await? {
        return Ok(false);
    }
    tx.record_outside(entry(MAIL_SENT_AGAIN, object::MAIL, id.uuid()));
    tx.commit().await?;
    Ok(true)
}

/// Queues all failed emails again, one after the other; returns how many.
pub(super) async fn send_all_again(app: &App, operator: &CurrentOperator) -> Result<u32> {
    let mut count = 0;
    for mail in outbox::all_undelivered(app).await? {
        count += u32::from(send_again(app, operator, mail.id).await?);
    }
    Ok(count)
}

/// Makes a failed job due at once; returns false if it is being done, or has been done, meanwhile.
///
/// # Errors
/// [`AppError::Conflict`] when there is no such job any more.
pub(super) async fn do_again(app: &App, operator: &CurrentOperator, id: JobId) -> Result<bool> {
    let organization = jobs::organization_of(app, id).await?;
    let organization = organization.ok_or_else(|| AppError::Conflict(DONE.into()))?;
    let mut tx = operator.write(app).await?.enter(organization).await?;
    if !jobs::do_again(&mut tx, id, operator.now).await? {
        return Ok(false);
    }
    tx.record_outside(entry(JOB_DONE_AGAIN, object::JOB, id.uuid()));
    tx.commit().await?;
    Ok(true)
}

/// The message for a job that need not be retried.
pub(super) const DONE: &str = "This has already been done, or is being done.";

fn entry(action: Action, kind: ObjectKind, id: Uuid) -> Entry {
    Entry::new(action, Object::new(kind, id, "something that had failed"))
}
