//! Background work: queued in the transaction that asks for it, done once, tried again when it
//! fails, and carrying the organization it belongs to, if any.

use std::future::Future;
use std::pin::Pin;

use time::Duration;

use crate::error::Result;
use crate::platform::App;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::ids::JobId;
use crate::platform::tenant::UnscopedTx;

/// Longer than a job can last; after it another worker may take it.
const LEASE: Duration = Duration::minutes(2);

/// What does the work of one kind: it gets the application and the job's payload.
pub type Handler =
    for<'a> fn(&'a App, &'a str) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// A kind of job and what does it.
pub struct Kind {
    /// Its name in the queue.
    pub name: &'static str,
    /// What does it. It must be safe to do twice.
    pub handler: Handler,
}

/// Queues a job that belongs to no organization, in the caller's transaction.
pub async fn enqueue(tx: &mut UnscopedTx, kind: &'static str, payload: &str) -> Result<()> {
    let now = tx.app().clock.now();
    tx.query(unscoped_sql!(
        "insert into jobs (id, kind, payload, attempts, run_at, created_at)
         values ($1, $2, $3, 0, $4, $5)"
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

#[derive(sqlx::FromRow)]
struct Due {
    id: JobId,
    kind: String,
    payload: String,
    attempts: i64,
}

/// Does one job that is due; says whether there was one.
pub async fn run_one(app: &App, kinds: &[Kind]) -> Result<bool> {
    let Some(due) = claim(app).await? else {
        return Ok(false);
    };
    let done = match kinds.iter().find(|kind| kind.name == due.kind) {
        Some(kind) => (kind.handler)(app, &due.payload).await,
        None => Err(crate::error::AppError::internal(format!("no job of kind {}", due.kind))),
    };
    match done {
        Ok(()) => finish(app, due.id).await?,
        // The lease stays: the job comes again when it ends.
        Err(error) => {
            tracing::error!(kind = due.kind, attempts = due.attempts, ?error, "job failed");
        }
    }
    Ok(true)
}

async fn claim(app: &App) -> Result<Option<Due>> {
    let now = app.clock.now();
    let mut tx = UnscopedTx::read(app).await?;
    let waiting: (i64,) = tx
        .query(unscoped_sql!("select count(*) from jobs where run_at <= $1"))
        .bind(now)
        .one()
        .await?;
    tx.commit().await?;
    if waiting.0 == 0 {
        return Ok(None);
    }
    let mut tx = UnscopedTx::write(app).await?;
    let due = tx
        .query(unscoped_sql!(
            "update jobs
             set run_at = $1, attempts = attempts + 1
             where run_at <= $2 and id = (
                select id from jobs where run_at <= $2 order by run_at, id limit 1
             )
             returning id, kind, payload, attempts"
        ))
        .bind(now.plus(LEASE))
        .bind(now)
        .optional()
        .await?;
    tx.commit().await?;
    Ok(due)
}

async fn finish(app: &App, id: JobId) -> Result<()> {
    let mut tx = UnscopedTx::write(app).await?;
    tx.query(unscoped_sql!("delete from jobs where id = $1")).bind(id).execute().await?;
    tx.commit().await?;
    Ok(())
}
