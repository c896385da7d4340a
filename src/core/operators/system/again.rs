//! Retrying what has failed: each email or job in its own organization, recorded in the
//! installation's log.

use axum::extract::State;
use axum::response::Response;
use uuid::Uuid;

use super::page::PATH;
use crate::core::operators::noun::{JOB_DONE_AGAIN, MAIL_SENT_AGAIN};
use crate::platform::App;
use crate::platform::audit::object;
use crate::platform::audit::{Action, Entry, Object, ObjectKind};
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{JobId, MailId};
use crate::platform::jobs;
use crate::platform::mail::outbox;
use crate::platform::session::CurrentOperator;
use crate::platform::web::{Flash, Id};

const UNSENT: &str = "Nothing was sent: this installation has no mail server.";

/// `POST /operator/mails/{id}/send`: queues a failed email again.
pub async fn send_again(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<MailId>,
) -> Result<Response> {
    if !outbox::is_sent(&app) {
        return Ok(Flash::redirect(PATH, UNSENT));
    }
    let words = match send(&operator, &app, id).await? {
        true => "The email is being sent again. If it fails again, it will be listed here.",
        false => "This email is already on its way, or there is nothing left to send.",
    };
    Ok(Flash::redirect(PATH, words))
}

/// `POST /operator/mails/send`: queues all failed emails again, one after the other.
pub async fn send_all_again(operator: CurrentOperator, State(app): State<App>) -> Result<Response> {
    if !outbox::is_sent(&app) {
        return Ok(Flash::redirect(PATH, UNSENT));
    }
    let mut count = 0;
    for mail in outbox::all_undelivered(&app).await? {
        count += u32::from(send(&operator, &app, mail.id).await?);
    }
    let words = match count {
        0 => "There is nothing to send again.".to_owned(),
        1 => "One email is being sent again. If it fails again, it will be listed here.".to_owned(),
        count => format!(
            "{count} emails are being sent again. Those that fail again will be listed here."
        ),
    };
    Ok(Flash::redirect(PATH, words))
}

/// Queues a failed email again; returns whether there was anything to send.
async fn send(operator: &CurrentOperator, app: &App, id: MailId) -> Result<bool> {
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

/// `POST /operator/jobs/{id}/run`: makes a failed job due at once.
pub async fn do_again(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<JobId>,
) -> Result<Response> {
    let organization = jobs::organization_of(&app, id).await?.ok_or_else(|| {
        AppError::Conflict("This has been done in the meantime, or is being done.".into())
    })?;
    let mut tx = operator.write(&app).await?.enter(organization).await?;
    let words = if jobs::do_again(&mut tx, id, operator.now).await? {
        tx.record_outside(entry(JOB_DONE_AGAIN, object::JOB, id.uuid()));
        tx.commit().await?;
        "It is being tried again."
    } else {
        "This has been done in the meantime, or is being done."
    };
    Ok(Flash::redirect(PATH, words))
}

fn entry(action: Action, kind: ObjectKind, id: Uuid) -> Entry {
    Entry::new(action, Object::new(kind, id, "something that had failed"))
}
