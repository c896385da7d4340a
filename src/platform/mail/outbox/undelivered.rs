//! Mails that the mail server did not take, for whoever runs the installation: looked at over all
//! organizations, and sent again in their own.

use super::MailState;
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::ids::{MailId, OrganizationId};
use crate::platform::tenant::{OrgTx, UnscopedTx};

/// The most that are listed.
const MOST: i64 = 100;
/// The most that are sent again at once.
const AT_ONCE: i64 = 1000;

/// How the outbox is doing.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Outbox {
    /// Mails that wait, for their first or their next try.
    pub waiting: i64,
    /// Mails that will not be tried again by themselves.
    pub failed: i64,
    /// When the oldest that waits was written.
    pub waiting_since: Option<Timestamp>,
    /// When the mail server took the last one.
    pub last_sent_at: Option<Timestamp>,
}

/// A mail that was not taken at its last try.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Undelivered {
    /// Which.
    pub id: MailId,
    /// What it is about.
    pub kind: String,
    recipient: EmailAddress,
    /// Whether it is tried again by itself.
    pub status: MailState,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it is tried again, if it is.
    pub next_attempt_at: Timestamp,
    error: String,
    /// Whether there still is something to send.
    pub is_there: bool,
}

impl Undelivered {
    /// Where it was to go, as far as it is the operator's to know: whom an organization writes to is
    /// its own affair, and which mail server refuses is not.
    pub fn domain(&self) -> &str {
        self.recipient.domain()
    }

    /// What the mail server said, or what stood in the way of reaching it, without the addresses that
    /// servers repeat.
    pub fn answer(&self) -> String {
        EmailAddress::hide_in(&self.error)
    }

    /// What it is about, as people read it.
    pub fn label(&self) -> String {
        self.kind.replace('_', " ")
    }

    /// Whether it is not tried again by itself.
    pub fn has_failed(&self) -> bool {
        self.status == MailState::Failed
    }
}

/// How the outbox is doing, over all organizations.
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

/// The newest mails that were not taken at their last try, over all organizations: as many as people
/// look through, and how many there are.
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

/// Every mail that was not taken at its last try, up to as many as can be sent again at once.
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

/// The organization whose mail this is, if it was not taken and can be sent again.
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

/// Puts a mail of the transaction's organization into the queue again, at once and with all its tries;
/// says whether it did. One that is on its way just now is left alone.
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
