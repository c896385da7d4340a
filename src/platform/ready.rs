//! Whether the server can answer requests, including those that change something.

use time::Duration;
use tokio::sync::Mutex;

use super::App;
use super::clock::Timestamp;
use super::db::statement::unscoped_sql;
use super::db::{ReadOrWrite, Scope};
use super::ids::OrganizationId;

/// How long an answer is reused, so that frequent checks cost nothing.
const HOLDS: Duration = Duration::seconds(1);

/// The result of the last check, and its time.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Option<(Timestamp, bool)>>);

/// Whether the database accepts and keeps a change. Concurrent callers share one check.
pub async fn is_ready(app: &App) -> bool {
    let mut last = app.readiness.0.lock().await;
    let now = app.clock.now();
    if let Some((at, is_ready)) = *last
        && (Duration::ZERO..HOLDS).contains(&now.since(at))
    {
        return is_ready;
    }
    let is_ready = match beat(app, now).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, "the database is not accepting changes: not ready");
            false
        }
    };
    *last = Some((now, is_ready));
    is_ready
}

async fn beat(app: &App, now: Timestamp) -> Result<(), sqlx::Error> {
    let outside = Scope::Organization(OrganizationId::OUTSIDE);
    let mut tx = app.db.begin(ReadOrWrite::Write, &outside).await?;
    tx.unscoped_query(unscoped_sql!(
        "insert into heartbeats (id, beat_at) values (1, $1)
         on conflict (id) do update set beat_at = excluded.beat_at"
    ))
    .bind(now)
    .execute()
    .await?;
    tx.commit().await
}
