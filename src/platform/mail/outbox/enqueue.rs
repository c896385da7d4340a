//! Queues emails, in the transaction of the change that causes them.

use time::Duration;

use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{MailId, OrganizationId};
use crate::platform::mail::message::{Class, List, Mail, Rendered};
use crate::platform::sealed::Column;
use crate::platform::tenant::{OrgTx, UnscopedTx};

/// The distance between the emails of one organization in the queue.
const STEP: Duration = Duration::seconds(1);

/// The values that both kinds of transactions insert.
struct Draft {
    id: MailId,
    message_id: String,
    sealed: Vec<u8>,
    is_urgent: bool,
    now: Timestamp,
}

fn draft<M: Mail>(app: &App, mail: &M, list: Option<&List>) -> Result<Draft> {
    let id = MailId::new();
    let rendered = Rendered { list: list.cloned(), ..mail.render()? };
    let body =
        serde_json::to_vec(&rendered).map_err(|error| AppError::Internal(Box::new(error)))?;
    Ok(Draft {
        id,
        message_id: format!("<{id}@{}>", app.config.mail_from.email.domain()),
        sealed: app.keyring.seal(&Column::Mail.context(id), &body),
        is_urgent: M::CLASS == Class::Account,
        now: app.clock.now(),
    })
}

/// Queues an email of the organization, in the caller's transaction.
pub async fn enqueue_in<M: Mail>(tx: &mut OrgTx, to: &EmailAddress, mail: &M) -> Result<MailId> {
    const { assert!(!matches!(M::CLASS, Class::Notice), "a notice carries the way to stop it") };
    let draft = draft(tx.app(), mail, None)?;
    insert_in::<M>(tx, to, draft).await
}

/// Queues a notice in the caller's transaction; `list` is the list that it belongs to.
pub async fn enqueue_notice<M: Mail>(
    tx: &mut OrgTx,
    to: &EmailAddress,
    list: &List,
    mail: &M,
) -> Result<MailId> {
    const { assert!(matches!(M::CLASS, Class::Notice), "only notices can be stopped") };
    let draft = draft(tx.app(), mail, Some(list))?;
    insert_in::<M>(tx, to, draft).await
}

async fn insert_in<M: Mail>(tx: &mut OrgTx, to: &EmailAddress, draft: Draft) -> Result<MailId> {
    let turn = match draft.is_urgent {
        true => draft.now.as_micros(),
        false => next_turn(tx, draft.now).await?,
    };
    tx.query(sql!(
        "insert into outbox
            (organization_id, id, kind, recipient, message_id, sealed, status, attempts,
             next_attempt_at, created_at, is_urgent, turn)
         values ($1, $2, $3, $4, $5, $6, 'queued', 0, $7, $8, $9, $10)"
    ))
    .bind(draft.id)
    .bind(M::KIND)
    .bind(to)
    .bind(draft.message_id)
    .bind(draft.sealed)
    .bind(draft.now)
    .bind(draft.now)
    .bind(draft.is_urgent)
    .bind(turn)
    .execute()
    .await?;
    tx.leave_work();
    Ok(draft.id)
}

/// A turn behind the organization's waiting emails: a thousand emails of one organization get a
/// thousand turns, with those of others between them.
async fn next_turn(tx: &mut OrgTx, now: Timestamp) -> Result<i64> {
    let (last,): (Option<i64>,) = tx
        .query(sql!(
            "select max(turn) from outbox where organization_id = $1 and status = 'queued'"
        ))
        .one()
        .await?;
    let behind = last.map(|last| Timestamp::from_micros(last).plus(STEP).as_micros());
    Ok(behind.unwrap_or_default().max(now.as_micros()))
}

/// Queues an email that belongs to no organization, in the caller's transaction.
pub async fn enqueue<M: Mail>(tx: &mut UnscopedTx, to: &EmailAddress, mail: &M) -> Result<MailId> {
    const { assert!(!matches!(M::CLASS, Class::Notice), "a notice carries the way to stop it") };
    let draft = draft(tx.app(), mail, None)?;
    tx.query(unscoped_sql!(
        "insert into outbox
            (organization_id, id, kind, recipient, message_id, sealed, status, attempts,
             next_attempt_at, created_at, is_urgent, turn)
         values ($1, $2, $3, $4, $5, $6, 'queued', 0, $7, $8, $9, $10)"
    ))
    .bind(OrganizationId::OUTSIDE)
    .bind(draft.id)
    .bind(M::KIND)
    .bind(to)
    .bind(draft.message_id)
    .bind(draft.sealed)
    .bind(draft.now)
    .bind(draft.now)
    .bind(draft.is_urgent)
    .bind(draft.now.as_micros())
    .execute()
    .await?;
    tx.leave_work();
    Ok(draft.id)
}

/// Queues the last email to somebody whose account is deleted in this transaction: it is removed
/// once it is sent or has failed.
pub async fn enqueue_last<M: Mail>(tx: &mut UnscopedTx, to: &EmailAddress, mail: &M) -> Result<()> {
    let id = enqueue(tx, to, mail).await?;
    tx.query(unscoped_sql!("update outbox set is_last = true where id = $1"))
        .bind(id)
        .execute()
        .await?;
    Ok(())
}

/// The number of emails of one kind, outside organizations, that were queued for `to` after
/// `since`.
pub async fn count_since<M: Mail>(
    tx: &mut UnscopedTx,
    to: &EmailAddress,
    since: Timestamp,
) -> Result<i64, sqlx::Error> {
    let (count,) = tx
        .query(unscoped_sql!(
            "select count(*) from outbox
             where organization_id = $1 and recipient = $2 and kind = $3 and created_at > $4"
        ))
        .bind(OrganizationId::OUTSIDE)
        .bind(to)
        .bind(M::KIND)
        .bind(since)
        .one()
        .await?;
    Ok(count)
}
