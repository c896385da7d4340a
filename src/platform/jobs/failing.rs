//! Failed jobs, for operators: listed over all organizations, and retried on request.

use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::error::Result;
use crate::platform::ids::{JobId, OrganizationId};
use crate::platform::tenant::{OrgTx, UnscopedTx};

/// The largest number that is listed.
const MOST: i64 = 100;

/// The state of the job queue.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Queue {
    /// Jobs that are due or running.
    pub waiting: i64,
    /// Jobs that have failed at least once.
    pub failing: i64,
    /// When the oldest due job was queued.
    pub waiting_since: Option<Timestamp>,
}

/// A job whose last attempt failed.
#[derive(Clone, Debug, FromRow)]
pub struct Failing {
    /// Its identifier.
    pub id: JobId,
    /// Its kind.
    pub kind: String,
    /// The number of attempts so far.
    pub attempts: i64,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it will be retried.
    pub run_at: Timestamp,
    /// Why the last attempt failed.
    pub error: String,
}

/// The state of the job queue, over all organizations.
///
/// # Errors
/// Any error of the database.
pub async fn queue(app: &App) -> Result<Queue> {
    let mut tx = UnscopedTx::look_at_queues(app).await?;
    let queue = tx
        .query(unscoped_sql!(
            "select count(*) as waiting, count(error) as failing, min(created_at) as waiting_since
             from jobs
             where run_at <= $1 or attempts > 0"
        ))
        .bind(app.clock.now())
        .one()
        .await?;
    tx.commit().await?;
    Ok(queue)
}

/// The newest jobs whose last attempt failed, over all organizations.
///
/// # Errors
/// Any error of the database.
pub async fn failing(app: &App) -> Result<Vec<Failing>> {
    let mut tx = UnscopedTx::look_at_queues(app).await?;
    let jobs = tx
        .query(unscoped_sql!(
            "select id, kind, attempts, created_at, run_at, error from jobs
             where error is not null
             order by created_at desc, id desc
             limit $1"
        ))
        .bind(MOST)
        .all()
        .await?;
    tx.commit().await?;
    Ok(jobs)
}

/// The organization of this job; `None` unless it has failed.
///
/// # Errors
/// Any error of the database.
pub async fn organization_of(app: &App, id: JobId) -> Result<Option<OrganizationId>> {
    let mut tx = UnscopedTx::look_at_queues(app).await?;
    let found: Option<(OrganizationId,)> = tx
        .query(unscoped_sql!(
            "select organization_id from jobs where id = $1 and error is not null"
        ))
        .bind(id)
        .optional()
        .await?;
    tx.commit().await?;
    Ok(found.map(|(organization,)| organization))
}

/// Makes a failed job of the transaction's organization due at once. Returns whether there was such
/// a job.
///
/// # Errors
/// Any error of the database.
pub async fn do_again(tx: &mut OrgTx, id: JobId, now: Timestamp) -> Result<bool, sqlx::Error> {
    let changed = tx
        .query(sql!(
            "update jobs set run_at = $2, error = null
             where organization_id = $1 and id = $3 and error is not null"
        ))
        .bind(now)
        .bind(id)
        .execute()
        .await?;
    if changed > 0 {
        tx.leave_work();
    }
    Ok(changed > 0)
}
