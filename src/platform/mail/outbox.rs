//! The outbox: mail that waits, was sent, or failed with the mail server's words.

use std::fmt;
use std::str::FromStr;

use futures_util::future::join_all;
use time::Duration;

use super::message::{Mail, Rendered};
use super::transport::{Refusal, Transport};
use crate::error::{AppError, Result};
use crate::platform::App;
use crate::platform::audit::{Journal, Who};
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::email::EmailAddress;
use crate::platform::ids::{MailId, OrganizationId};
use crate::platform::tenant::{OrgTx, UnscopedTx};

/// Mails sent side by side.
const BATCH: i64 = 8;
/// How often a mail's state is tried to be written while the database is busy.
const MARK_TRIES: usize = 5;
/// Longer than a try can last; after it another worker may take the mail.
const LEASE: Duration = Duration::minutes(2);
/// How long a mail that is done with stays for people to look into.
const RETENTION: Duration = Duration::days(30);
/// Pauses after each failed try; after the last one the mail has failed.
const PAUSES: [Duration; 7] = [
    Duration::seconds(10),
    Duration::minutes(1),
    Duration::minutes(5),
    Duration::minutes(30),
    Duration::hours(2),
    Duration::hours(6),
    Duration::hours(12),
];

/// Where a mail is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailState {
    /// It waits for its first or next try.
    Queued,
    /// The mail server has taken it.
    Sent,
    /// It will not be tried again.
    Failed,
}

impl fmt::Display for MailState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed",
        })
    }
}

impl FromStr for MailState {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "queued" => Ok(Self::Queued),
            "sent" => Ok(Self::Sent),
            "failed" => Ok(Self::Failed),
            other => Err(format!("no mail state {other:?}")),
        }
    }
}

crate::platform::db::text_column!(MailState);

/// What both kinds of transactions write.
struct Draft {
    id: MailId,
    message_id: String,
    sealed: Vec<u8>,
    now: Timestamp,
}

fn draft<M: Mail>(app: &App, mail: &M) -> Result<Draft> {
    let id = MailId::new();
    let body =
        serde_json::to_vec(&mail.render()?).map_err(|error| AppError::Internal(Box::new(error)))?;
    Ok(Draft {
        id,
        message_id: format!("<{id}@{}>", app.config.mail_from.email.domain()),
        sealed: app.keyring.seal(&context(id), &body),
        now: app.clock.now(),
    })
}

fn context(id: MailId) -> String {
    format!("mail {id}")
}

/// Puts a mail of the organization into the outbox, in the caller's transaction.
pub async fn enqueue_in<M: Mail>(tx: &mut OrgTx, to: &EmailAddress, mail: &M) -> Result<MailId> {
    let draft = draft(tx.app(), mail)?;
    tx.query(sql!(
        "insert into outbox
            (organization_id, id, kind, recipient, message_id, sealed, status, attempts,
             next_attempt_at, created_at)
         values ($1, $2, $3, $4, $5, $6, 'queued', 0, $7, $8)"
    ))
    .bind(draft.id)
    .bind(M::KIND)
    .bind(to)
    .bind(draft.message_id)
    .bind(draft.sealed)
    .bind(draft.now)
    .bind(draft.now)
    .execute()
    .await?;
    tx.leave_work();
    Ok(draft.id)
}

/// Puts a mail that belongs to no organization into the outbox, in the caller's transaction.
pub async fn enqueue<M: Mail>(tx: &mut UnscopedTx, to: &EmailAddress, mail: &M) -> Result<MailId> {
    let draft = draft(tx.app(), mail)?;
    tx.query(unscoped_sql!(
        "insert into outbox
            (organization_id, id, kind, recipient, message_id, sealed, status, attempts,
             next_attempt_at, created_at)
         values ($1, $2, $3, $4, $5, $6, 'queued', 0, $7, $8)"
    ))
    .bind(OrganizationId::OUTSIDE)
    .bind(draft.id)
    .bind(M::KIND)
    .bind(to)
    .bind(draft.message_id)
    .bind(draft.sealed)
    .bind(draft.now)
    .bind(draft.now)
    .execute()
    .await?;
    tx.leave_work();
    Ok(draft.id)
}

/// The same for the last mail to somebody whose account goes in this transaction: once it is sent,
/// or has failed, nothing of it stays.
pub async fn enqueue_last<M: Mail>(tx: &mut UnscopedTx, to: &EmailAddress, mail: &M) -> Result<()> {
    let id = enqueue(tx, to, mail).await?;
    tx.query(unscoped_sql!("update outbox set is_last = true where id = $1"))
        .bind(id)
        .execute()
        .await?;
    Ok(())
}

/// How many mails of one kind that belong to no organization `to` has got since.
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

#[derive(sqlx::FromRow)]
struct Due {
    organization_id: OrganizationId,
    id: MailId,
    recipient: EmailAddress,
    message_id: String,
    sealed: Option<Vec<u8>>,
    attempts: i64,
    is_last: bool,
}

/// Sends what is due; gives how many mails were tried.
pub async fn send_due(app: &App) -> Result<usize> {
    let due = claim(app).await?;
    let count = due.len();
    for result in join_all(due.into_iter().map(|mail| send(app, mail))).await {
        result?;
    }
    Ok(count)
}

/// Takes due mails for this worker. A worker that dies leaves them to others when its lease ends;
/// the mail may go out twice then, with the same Message-ID.
async fn claim(app: &App) -> Result<Vec<Due>> {
    let now = app.clock.now();
    let mut tx = UnscopedTx::look_at_queues(app).await?;
    let waiting: (i64,) = tx
        .query(unscoped_sql!(
            "select count(*) from outbox where status = 'queued' and next_attempt_at <= $1"
        ))
        .bind(now)
        .one()
        .await?;
    tx.commit().await?;
    if waiting.0 == 0 {
        return Ok(Vec::new());
    }
    let mut tx = UnscopedTx::queues(app).await?;
    let due = tx
        .query(unscoped_sql!(
            "update outbox
             set next_attempt_at = $1, attempts = attempts + 1
             where status = 'queued' and next_attempt_at <= $2 and id in (
                select id from outbox
                where status = 'queued' and next_attempt_at <= $2
                order by next_attempt_at
                limit $3
             )
             returning organization_id, id, recipient, message_id, sealed, attempts, is_last"
        ))
        .bind(now.plus(LEASE))
        .bind(now)
        .bind(BATCH)
        .all()
        .await?;
    tx.commit_unrecorded().await?;
    Ok(due)
}

async fn send(app: &App, due: Due) -> Result<()> {
    let sent = match open(app, due.id, due.sealed.as_deref()) {
        Ok(mail) => app.transport.send(&due.recipient, &due.message_id, mail).await,
        Err(refusal) => Err(refusal),
    };
    // A mail that is sent and not marked goes out twice; a busy database is worth another try.
    for _ in 0..MARK_TRIES {
        match mark(app, &due, &sent).await {
            Err(AppError::Busy | AppError::Outage(_)) => continue,
            marked => return marked,
        }
    }
    mark(app, &due, &sent).await
}

/// Notes what became of a try, unless another worker has taken the mail over meanwhile.
async fn mark(app: &App, due: &Due, sent: &Result<(), Refusal>) -> Result<()> {
    let now = app.clock.now();
    let mut tx = OrgTx::begin(app, due.organization_id, Journal::new(Who::system())).await?;
    match sent {
        Ok(()) => {
            // The mailbox of a development machine shows what was sent; elsewhere nothing is kept.
            let keep = matches!(app.transport, Transport::Mailbox);
            tx.query(sql!(
                "update outbox
                 set status = 'sent', sent_at = $2, error = null,
                     sealed = case when $3 then sealed end
                 where organization_id = $1 and id = $4 and status = 'queued' and attempts = $5"
            ))
            .bind(now)
            .bind(keep)
            .bind(due.id)
            .bind(due.attempts)
            .execute()
            .await?;
        }
        Err(refusal) => {
            let pause = usize::try_from(due.attempts - 1).ok().and_then(|index| PAUSES.get(index));
            let next = pause.filter(|_| !refusal.is_final).map(|pause| now.plus(*pause));
            tracing::warn!(mail = %due.id, attempts = due.attempts, "mail was not taken");
            tx.query(sql!(
                "update outbox
                 set status = $2, error = $3, next_attempt_at = coalesce($4, next_attempt_at),
                     sealed = case when $5 then sealed end
                 where organization_id = $1 and id = $6 and status = 'queued' and attempts = $7"
            ))
            .bind(if next.is_some() { MailState::Queued } else { MailState::Failed })
            .bind(&refusal.words)
            .bind(next)
            .bind(next.is_some())
            .bind(due.id)
            .bind(due.attempts)
            .execute()
            .await?;
        }
    }
    // The mailbox of a development machine goes on showing it.
    if due.is_last && !has_mailbox(app) {
        tx.query(sql!(
            "delete from outbox
             where organization_id = $1 and id = $2 and is_last and status <> 'queued'"
        ))
        .bind(due.id)
        .execute()
        .await?;
    }
    tx.commit_unrecorded().await?;
    Ok(())
}

/// Removes mails that were sent or have failed more than 30 days ago.
pub async fn remove_old(app: &App) -> Result<()> {
    let mut tx = UnscopedTx::queues(app).await?;
    tx.query(unscoped_sql!("delete from outbox where status <> 'queued' and created_at < $1"))
        .bind(app.clock.now().plus(-RETENTION))
        .execute()
        .await?;
    tx.commit_unrecorded().await?;
    Ok(())
}

fn open(app: &App, id: MailId, sealed: Option<&[u8]>) -> Result<Rendered, Refusal> {
    sealed
        .and_then(|sealed| app.keyring.open(&context(id), sealed).ok())
        .and_then(|body| serde_json::from_slice(&body).ok())
        .ok_or_else(|| Refusal {
            words: "the mail was sealed with a key that is not in the keyring".to_owned(),
            is_final: true,
        })
}

/// A mail in the development mailbox.
#[derive(Debug)]
pub struct Delivered {
    /// Its identifier.
    pub id: MailId,
    /// Whom it went to.
    pub recipient: EmailAddress,
    /// When.
    pub created_at: Timestamp,
    /// What it says.
    pub mail: Rendered,
}

#[derive(sqlx::FromRow)]
struct DeliveredRow {
    id: MailId,
    recipient: EmailAddress,
    created_at: Timestamp,
    sealed: Vec<u8>,
}

impl Delivered {
    fn open(app: &App, row: DeliveredRow) -> Option<Self> {
        let mail = open(app, row.id, Some(&row.sealed)).ok()?;
        Some(Self { id: row.id, recipient: row.recipient, created_at: row.created_at, mail })
    }
}

/// Whether this installation has a development mailbox.
pub fn has_mailbox(app: &App) -> bool {
    matches!(app.transport, Transport::Mailbox)
}

/// Whether mail goes anywhere at all.
pub fn is_sent(app: &App) -> bool {
    !matches!(app.transport, Transport::None)
}

/// The newest mails of the development mailbox.
pub async fn mailbox(app: &App) -> Result<Vec<Delivered>> {
    let mut tx = UnscopedTx::look_at_queues(app).await?;
    let rows: Vec<DeliveredRow> = tx
        .query(unscoped_sql!(
            "select id, recipient, created_at, sealed from outbox
             where sealed is not null
             order by created_at desc, id desc
             limit 100"
        ))
        .all()
        .await?;
    tx.commit().await?;
    Ok(rows.into_iter().filter_map(|row| Delivered::open(app, row)).collect())
}

/// One mail of the development mailbox.
pub async fn delivered(app: &App, id: MailId) -> Result<Delivered> {
    let mut tx = UnscopedTx::look_at_queues(app).await?;
    let row: Option<DeliveredRow> = tx
        .query(unscoped_sql!(
            "select id, recipient, created_at, sealed from outbox
             where id = $1 and sealed is not null"
        ))
        .bind(id)
        .optional()
        .await?;
    tx.commit().await?;
    row.and_then(|row| Delivered::open(app, row)).ok_or(AppError::NotFound)
}
