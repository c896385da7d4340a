//! The delivery of an email: claimed when its turn has come, sent, and marked with the result.

use std::collections::HashMap;

use time::Duration;

use super::slots::Room;
use super::{MailState, has_mailbox, open};
use crate::platform::App;
use crate::platform::audit::{Journal, Who};
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{MailId, OrganizationId};
use crate::platform::mail::transport::{Refusal, Transport};
use crate::platform::tenant::{OrgTx, UnscopedTx};

/// How many emails that are not urgent may be in flight for one organization.
const SHARE: i64 = 6;
/// How often to try to store the result while the database is busy.
const MARK_TRIES: usize = 5;
/// How long a worker holds an email. No attempt can take longer; after this time another worker may
/// take it.
const LEASE: Duration = Duration::minutes(2);
/// The pauses after failed attempts; after the last one the email has failed.
const PAUSES: [Duration; 7] = [
    Duration::seconds(10),
    Duration::minutes(1),
    Duration::minutes(5),
    Duration::minutes(30),
    Duration::hours(2),
    Duration::hours(6),
    Duration::hours(12),
];

/// An email claimed for sending.
#[derive(FromRow)]
pub(super) struct Due {
    organization_id: OrganizationId,
    id: MailId,
    recipient: EmailAddress,
    kind: String,
    message_id: String,
    sealed: Option<Vec<u8>>,
    attempts: i64,
    is_last: bool,
    pub(super) is_urgent: bool,
}

/// A due email.
#[derive(FromRow)]
struct Waiting {
    id: MailId,
    organization_id: OrganizationId,
}

/// Claims due emails for this worker, as many as there is room for. If a worker dies, others take
/// over when its lease ends; an email may then be sent twice, with the same Message-ID.
pub(super) async fn claim(app: &App, room: Room) -> Result<Vec<Due>> {
    let now = app.clock.now();
    let chosen = choose(app, room, now).await?;
    if chosen.is_empty() {
        return Ok(Vec::new());
    }
    let mut tx = UnscopedTx::queues(app).await?;
    let mut taken = Vec::new();
    for id in chosen {
        // Finds nothing if another process has claimed it meanwhile.
        let due: Option<Due> = tx
            .query(unscoped_sql!(
                "update outbox
                 set claimed_at = $1, next_attempt_at = $2, attempts = attempts + 1
                 where id = $3 and status = 'queued' and next_attempt_at <= $1
                 returning organization_id, id, recipient, kind, message_id, sealed, attempts, is_last,
                    is_urgent"
            ))
            .bind(now)
            .bind(now.plus(LEASE))
            .bind(id)
            .optional()
            .await?;
        taken.extend(due);
    }
    tx.commit_unrecorded().await?;
    Ok(taken)
}

/// Chooses the emails whose turn it is.
async fn choose(app: &App, room: Room, now: Timestamp) -> Result<Vec<MailId>> {
    let mut tx = UnscopedTx::look_at_queues(app).await?;
    let urgent: Vec<(MailId,)> = tx
        .query(unscoped_sql!(
            "select id from outbox
             where status = 'queued' and is_urgent = true and next_attempt_at <= $1
             order by turn
             limit $2"
        ))
        .bind(now)
        .bind(room.urgent.min(room.all) as i64)
        .all()
        .await?;
    let mut chosen: Vec<MailId> = urgent.into_iter().map(|(id,)| id).collect();
    let waiting: Vec<Waiting> = tx
        .query(unscoped_sql!(
            "select id, organization_id from outbox
             where status = 'queued' and is_urgent = false and next_attempt_at <= $1
                and organization_id not in (
                    select organization_id from outbox
                    where status = 'queued' and claimed_at is not null and next_attempt_at > $1
                    group by organization_id
                    having count(*) >= $2)
             order by turn
             limit $3"
        ))
        .bind(now)
        .bind(SHARE)
        .bind(room.ordinary.min(room.all - chosen.len()) as i64)
        .all()
        .await?;
    if waiting.is_empty() {
        tx.commit().await?;
        return Ok(chosen);
    }
    let busy: Vec<(OrganizationId, i64)> = tx
        .query(unscoped_sql!(
            "select organization_id, count(*) from outbox
             where status = 'queued' and claimed_at is not null and next_attempt_at > $1
             group by organization_id"
        ))
        .bind(now)
        .all()
        .await?;
    tx.commit().await?;
    let mut busy: HashMap<OrganizationId, i64> = busy.into_iter().collect();
    for mail in waiting {
        let share = busy.entry(mail.organization_id).or_default();
        if *share < SHARE {
            *share += 1;
            chosen.push(mail.id);
        }
    }
    Ok(chosen)
}

/// Sends a claimed email, and stores the result.
pub(super) async fn send(app: &App, due: Due) -> Result<()> {
    let sent = match open(app, due.id, due.sealed.as_deref()) {
        Ok(mail) => app.transport.send(&due.recipient, &due.message_id, mail).await,
        Err(refusal) => Err(refusal),
    };
    // An email that is sent but not marked is sent twice, so a busy database is worth another try.
    for _ in 0..MARK_TRIES {
        match mark(app, &due, &sent).await {
            Err(AppError::Busy | AppError::Outage(_)) => continue,
            marked => return marked,
        }
    }
    mark(app, &due, &sent).await
}

/// Stores the result of an attempt, unless another worker has taken over the email meanwhile.
async fn mark(app: &App, due: &Due, sent: &Result<String, Refusal>) -> Result<()> {
    let now = app.clock.now();
    let mut tx = OrgTx::begin(app, due.organization_id, Journal::new(Who::system())).await?;
    match sent {
        Ok(answer) => {
            tracing::info!(
                mail = %due.id, kind = due.kind, attempts = due.attempts, answer, "mail was \
                                                                                   accepted"
            );
            // A development mailbox shows what was sent; elsewhere the text is removed.
            let keep = matches!(app.transport, Transport::Mailbox);
            tx.query(sql!(
                "update outbox
                 set status = 'sent', sent_at = $2, error = null, claimed_at = null,
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
            tracing::warn!(
                mail = %due.id,
                kind = due.kind,
                attempts = due.attempts,
                answer = refusal.words,
                is_given_up = next.is_none(),
                "mail was not accepted"
            );
            tx.query(sql!(
                "update outbox
                 set status = $2, error = $3, next_attempt_at = coalesce($4, next_attempt_at),
                     turn = coalesce($5, turn), claimed_at = null
                 where organization_id = $1 and id = $6 and status = 'queued' and attempts = $7"
            ))
            .bind(if next.is_some() { MailState::Queued } else { MailState::Failed })
            .bind(&refusal.words)
            .bind(next)
            // The email queues again behind those that are waiting by then.
            .bind(next.map(Timestamp::as_micros))
            .bind(due.id)
            .bind(due.attempts)
            .execute()
            .await?;
        }
    }
    // A development mailbox keeps showing it.
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
