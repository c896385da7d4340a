//! Background jobs: queued in the transaction that asks for them, done once, retried when they
//! fail, and carrying the organization they belong to, if any.

mod failing;

use std::future::Future;
use std::pin::Pin;

use time::Duration;

use crate::platform::App;
use crate::platform::audit::{Journal, Who};
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{JobId, OrganizationId};
use crate::platform::tenant::{OrgTx, UnscopedTx};

pub use failing::{Failing, Queue, do_again, failing, organization_of, queue};

/// How long a worker holds a job. No job can take longer; after this time another worker may take
/// it.
const LEASE: Duration = Duration::minutes(2);

/// The future of a job's work.
pub type Work<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// The function that does jobs of one kind. It gets the job's payload, and must be safe to run
/// twice.
#[derive(Clone, Copy)]
pub enum Handler {
    /// Work on an account, which begins its own transactions.
    Outside(for<'a> fn(&'a App, &'a str) -> Work<'a>),
    /// Work inside an organization, in the transaction that also removes the job from the queue.
    Inside(for<'a> fn(&'a mut OrgTx, &'a str) -> Work<'a>),
}

/// A kind of job and its handler. A feature submits it to `inventory`.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Its name in the queue.
    pub name: &'static str,
    /// The function that does it.
    pub handler: Handler,
}

inventory::collect!(Kind);

/// Queues a job that belongs to no organization, in the caller's transaction.
pub async fn enqueue(tx: &mut UnscopedTx, kind: &'static str, payload: &str) -> Result<()> {
    let now = tx.app().clock.now();
    enqueue_at(tx, kind, payload, now).await
}

/// Queues a job that belongs to no organization and is not due before `run_at`.
pub async fn enqueue_at(
    tx: &mut UnscopedTx,
    kind: &'static str,
    payload: &str,
    run_at: Timestamp,
) -> Result<()> {
    let now = tx.app().clock.now();
    tx.query(unscoped_sql!(
        "insert into jobs (organization_id, id, kind, payload, attempts, run_at, created_at)
         values ($1, $2, $3, $4, 0, $5, $6)"
    ))
    .bind(OrganizationId::OUTSIDE)
    .bind(JobId::new())
    .bind(kind)
    .bind(payload)
    .bind(run_at)
    .bind(now)
    .execute()
    .await?;
    tx.leave_work();
    Ok(())
}

/// Queues a job of the transaction's organization, in the caller's transaction.
pub async fn enqueue_in(tx: &mut OrgTx, kind: &'static str, payload: &str) -> Result<()> {
    let now = tx.app().clock.now();
    tx.query(sql!(
        "insert into jobs (organization_id, id, kind, payload, attempts, run_at, created_at)
         values ($1, $2, $3, $4, 0, $5, $6)"
    ))
    .bind(JobId::new())
    .bind(kind)
    .bind(payload)
    .bind(now)
    .bind(now)
    .execute()
    .await?;
    tx.leave_work();
    Ok(())
}

#[derive(FromRow)]
struct Due {
    organization_id: OrganizationId,
    id: JobId,
    kind: String,
    payload: String,
    attempts: i64,
}

/// Does one due job; returns whether there was one.
pub async fn run_one(app: &App) -> Result<bool> {
    let Some(due) = claim(app).await? else {
        return Ok(false);
    };
    // A failed job keeps its lease, and is retried when the lease ends.
    if let Err(error) = run(app, &due).await {
        tracing::error!(job = %due.id, kind = due.kind, attempts = due.attempts, ?error, "job failed");
        note_failure(app, &due, &error.to_string()).await?;
    }
    Ok(true)
}

async fn run(app: &App, due: &Due) -> Result<()> {
    let kind = inventory::iter::<Kind>
        .into_iter()
        .find(|kind| kind.name == due.kind)
        .ok_or_else(|| AppError::internal(format!("no job of kind {}", due.kind)))?;
    match kind.handler {
        Handler::Outside(work) => {
            work(app, &due.payload).await?;
            let mut tx = inside(app, due).await?;
            finish(&mut tx, due.id).await?;
            tx.commit_unrecorded().await?;
        }
        Handler::Inside(work) => {
            let mut tx = inside(app, due).await?;
            work(&mut tx, &due.payload).await?;
            finish(&mut tx, due.id).await?;
            tx.commit_unrecorded().await?;
        }
    }
    Ok(())
}

/// Stores why a job failed.
async fn note_failure(app: &App, due: &Due, words: &str) -> Result<()> {
    let words: String = words.chars().take(500).collect();
    let mut tx = inside(app, due).await?;
    tx.query(sql!(
        "update jobs set error = $2 where organization_id = $1 and id = $3 and attempts = $4"
    ))
    .bind(words)
    .bind(due.id)
    .bind(due.attempts)
    .execute()
    .await?;
    tx.commit_unrecorded().await?;
    Ok(())
}

async fn inside(app: &App, due: &Due) -> Result<OrgTx> {
    OrgTx::begin(app, due.organization_id, Journal::new(Who::system())).await
}

/// Takes a due job of any organization. Jobs that belong to none come first: somebody is waiting
/// for the email that lets them into their account.
async fn claim(app: &App) -> Result<Option<Due>> {
    let now = app.clock.now();
    let mut tx = UnscopedTx::look_at_queues(app).await?;
    let waiting: (i64,) = tx
        .query(unscoped_sql!("select count(*) from jobs where run_at <= $1"))
        .bind(now)
        .one()
        .await?;
    tx.commit().await?;
    if waiting.0 == 0 {
        return Ok(None);
    }
    let mut tx = UnscopedTx::queues(app).await?;
    let due = tx
        .query(unscoped_sql!(
            "update jobs
             set run_at = $1, attempts = attempts + 1
             where run_at <= $2 and id = (
                select id from jobs where run_at <= $2
                order by case when organization_id = $3 then 0 else 1 end, run_at, id
                limit 1
             )
             returning organization_id, id, kind, payload, attempts"
        ))
        .bind(now.plus(LEASE))
        .bind(now)
        .bind(OrganizationId::OUTSIDE)
        .optional()
        .await?;
    tx.commit_unrecorded().await?;
    Ok(due)
}

async fn finish(tx: &mut OrgTx, id: JobId) -> Result<(), sqlx::Error> {
    tx.query(sql!("delete from jobs where organization_id = $1 and id = $2"))
        .bind(id)
        .execute()
        .await?;
    Ok(())
}
