//! The newest moment at which the installation was running, kept in the database. If the machine's
//! clock has gone back, the application continues from that moment.

use time::Duration;

use super::App;
use super::clock::Timestamp;
use super::db::statement::unscoped_sql;
use super::tenant::UnscopedTx;
use crate::platform::error::Result;

/// How often the moment is recorded. A process that is killed loses less than this.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(60);
/// How far the machine's clock may be behind before an error is logged.
const TOLERANCE: Duration = Duration::minutes(1);

/// Keeps the application's clock from going back behind the newest time in the database.
pub async fn learn(app: &App) -> Result<()> {
    let mut tx = UnscopedTx::read(app).await?;
    let (newest,): (Option<Timestamp>,) = tx
        .query(unscoped_sql!(
            "select max(at) from (
                select newest_at as at from clock
                union all select max(last_seen_at) from sign_ins where ended_at is null) t"
        ))
        .one()
        .await?;
    tx.commit().await?;
    let Some(newest) = newest else { return Ok(()) };
    let machine = app.clock.machine();
    if newest > machine.plus(TOLERANCE) {
        tracing::error!(
            machine = machine.rfc3339(),
            newest = newest.rfc3339(),
            "the clock of this machine is behind the time recorded here: set it. Until it has \
             caught up, the newest recorded time counts as now"
        );
    }
    app.clock.learn(newest);
    Ok(())
}

/// Records the current time of the application's clock.
pub async fn note(app: &App) -> Result<()> {
    put(app, app.clock.now(), false).await
}

/// Records the machine's time even if a later one was recorded. For operators who have made sure
/// that the machine's clock is right.
pub async fn reset(app: &App) -> Result<()> {
    put(app, app.clock.machine(), true).await
}

async fn put(app: &App, now: Timestamp, may_go_back: bool) -> Result<()> {
    let mut tx = UnscopedTx::write(app).await?;
    tx.query(unscoped_sql!(
        "insert into clock (id, newest_at) values (1, $1)
         on conflict (id) do update set newest_at = excluded.newest_at
            where clock.newest_at < excluded.newest_at or $2"
    ))
    .bind(now)
    .bind(may_go_back)
    .execute()
    .await?;
    tx.commit_unrecorded().await?;
    Ok(())
}

/// Records the time regularly, until the process ends.
pub async fn run(app: App) {
    loop {
        tokio::time::sleep(PAUSE).await;
        if let Err(error) = note(&app).await {
            tracing::error!(?error, "could not record the time");
        }
    }
}
