//! Jobs that did not succeed, for whoever runs the installation: looked at over all organizations, and
//! done again at once.

use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::error::Result;
use crate::platform::ids::{JobId, OrganizationId};
use crate::platform::tenant::{OrgTx, UnscopedTx};

/// The most that are listed.
const MOST: i64 = 100;

/// How the jobs are doing.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Queue {
    /// Jobs that are due, or were begun.
    pub waiting: i64,
    /// Jobs that have failed at least once.
    pub failing: i64,
    /// When the oldest of those that are due was queued.
    pub waiting_since: Option<Timestamp>,
}

/// A job that failed at its last try.
#[derive(Clone, Debug, FromRow)]
pub struct Failing {
    /// Which.
    pub id: JobId,
    /// What it does.
    pub kind: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it is tried again.
    pub run_at: Timestamp,
    /// Why it failed.
    pub error: String,
}

/// How the jobs are doing, over all organizations.
///
/// # Errors
/// What the database says.
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

/// The newest jobs that failed at their last try, over all organizations.
///
/// # Errors
/// What the database says.
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

/// The organization whose job this is, if it has failed.
///
/// # Errors
/// What the database says.
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

/// Has a job of the transaction's organization that has failed done again at once; says whether it
/// does.
///
/// # Errors
/// What the database says.
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
