//! Emails that the mail server did not accept, for operators: listed over all organizations, and
//! sent again in their own.

use super::MailState;
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::ids::{MailId, OrganizationId};
use crate::platform::tenant::{OrgTx, UnscopedTx};

/// The largest number that is listed.
const MOST: i64 = 100;
/// The largest number that is sent again at once.
const AT_ONCE: i64 = 1000;

/// The state of the outbox.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Outbox {
    /// Emails that wait for their first or next attempt.
    pub waiting: i64,
    /// Emails that will not be retried automatically.
    pub failed: i64,
    /// When the oldest waiting email was created.
    pub waiting_since: Option<Timestamp>,
    /// When the mail server last accepted an email.
    pub last_sent_at: Option<Timestamp>,
}

/// An email whose last attempt failed.
#[derive(Clone, Debug, FromRow)]
pub struct Undelivered {
    /// Its identifier.
    pub id: MailId,
    /// Its kind.
    pub kind: String,
    recipient: EmailAddress,
    /// Whether it will be retried automatically.
    pub status: MailState,
    /// The number of attempts so far.
    pub attempts: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it will be retried, if it will be.
    pub next_attempt_at: Timestamp,
    error: String,
    /// Whether its text is still there to be sent.
    pub is_there: bool,
}

impl Undelivered {
    /// The domain it was sent to, which is all that the operator may know: the recipients of an
    /// organization are its own affair, but a mail server that refuses is not.
    pub fn domain(&self) -> &str {
        self.recipient.domain()
    }

    /// The mail server's words, or why it could not be reached, without the addresses that servers
    /// repeat.
    pub fn answer(&self) -> String {
        EmailAddress::hide_in(&self.error)
    }

    /// Its kind, for people to read.
    pub fn label(&self) -> String {
        self.kind.replace('_', " ")
    }

    /// Whether it will not be retried automatically.
    pub fn has_failed(&self) -> bool {
        self.status == MailState::Failed
    }
}

/// The state of the outbox, over all organizations.
///
/// # Errors
/// Any error of the database.
pub async fn outbox(app: &App) -> Result<Outbox> {
    let mut tx = UnscopedTx::look_at_queues(app).await?;
    let outbox = tx
        .query(unscoped_sql!(
            "select cast(coalesce(sum(case when status = 'queued' then 1 else 0 end), 0) as bigint)
                    as waiting,
                cast(coalesce(sum(case when status = 'failed' then 1 else 0 end), 0) as bigint)
                    as failed,
                min(case when status = 'queued' then created_at end) as waiting_since,
                max(sent_at) as last_sent_at
             from outbox"
        ))
        .one()
        .await?;
    tx.commit().await?;
    Ok(outbox)
}

/// The newest emails whose last attempt failed, over all organizations, limited to what people look
/// through, and their total number.
///
/// # Errors
/// Any error of the database.
pub async fn undelivered(app: &App) -> Result<(Vec<Undelivered>, u64)> {
    let mut tx = UnscopedTx::look_at_queues(app).await?;
    let (count,): (i64,) = tx
        .query(unscoped_sql!(
            "select count(*) from outbox where status <> 'sent' and error is not null"
        ))
        .one()
        .await?;
    let mails = newest(&mut tx, MOST).await?;
    tx.commit().await?;
    Ok((mails, count.unsigned_abs()))
}

/// The newest emails whose last attempt failed, limited to what can be sent again at once.
///
/// # Errors
/// Any error of the database.
pub async fn all_undelivered(app: &App) -> Result<Vec<Undelivered>> {
    let mut tx = UnscopedTx::look_at_queues(app).await?;
    let mails = newest(&mut tx, AT_ONCE).await?;
    tx.commit().await?;
    Ok(mails)
}

async fn newest(tx: &mut UnscopedTx, most: i64) -> Result<Vec<Undelivered>> {
    let mails = tx
        .query(unscoped_sql!(
            "select id, kind, recipient, status, attempts, created_at, next_attempt_at, error,
                sealed is not null as is_there
             from outbox
             where status <> 'sent' and error is not null
             order by created_at desc, id desc
             limit $1"
        ))
        .bind(most)
        .all()
        .await?;
    Ok(mails)
}

/// The organization of this email; `None` unless it has failed and can be sent again.
///
/// # Errors
/// Any error of the database.
pub async fn organization_of(app: &App, id: MailId) -> Result<Option<OrganizationId>> {
    let mut tx = UnscopedTx::look_at_queues(app).await?;
    let found: Option<(OrganizationId,)> = tx
        .query(unscoped_sql!(
            "select organization_id from outbox
             where id = $1 and status <> 'sent' and error is not null and sealed is not null"
        ))
        .bind(id)
        .optional()
        .await?;
    tx.commit().await?;
    Ok(found.map(|(organization,)| organization))
}

/// Queues an email of the transaction's organization again, due at once and with all its attempts.
/// Returns whether it did; an email that is being sent is left alone.
///
/// # Errors
/// Any error of the database.
pub async fn send_again(tx: &mut OrgTx, id: MailId, now: Timestamp) -> Result<bool, sqlx::Error> {
    let changed = tx
        .query(sql!(
            "update outbox
             set status = 'queued', attempts = 0, next_attempt_at = $2, turn = $3, error = null
             where organization_id = $1 and id = $4 and status <> 'sent' and error is not null
                and sealed is not null and claimed_at is null"
        ))
        .bind(now)
        .bind(now.as_micros())
        .bind(id)
        .execute()
        .await?;
    if changed > 0 {
        tx.leave_work();
    }
    Ok(changed > 0)
}
