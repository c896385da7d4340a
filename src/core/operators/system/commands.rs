//! What an operator has done again that did not work: each in the organization that it belongs to,
//! recorded in the log of the installation.

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

/// Puts an email that was not taken into the queue again; says whether there was anything to send.
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

/// Puts every email that was not taken into the queue again, one after the other; gives how many.
///
/// # Errors
/// What the database says; those before it are in the queue then.
pub(super) async fn send_all_again(app: &App, operator: &CurrentOperator) -> Result<u32> {
    let mut count = 0;
    for mail in outbox::all_undelivered(app).await? {
        count += u32::from(send_again(app, operator, mail.id).await?);
    }
    Ok(count)
}

/// Has a job that failed done again at once; says whether it is still there to be done.
///
/// # Errors
/// [`AppError::Conflict`] where there is no such job, or no longer.
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

/// What is said of a job that there is no need to do again.
pub(super) const DONE: &str = "This has been done in the meantime, or is being done.";

fn entry(action: Action, kind: ObjectKind, id: Uuid) -> Entry {
    Entry::new(action, Object::new(kind, id, "something that had failed"))
}
