//! Background work: sending mail, doing jobs, noting who was seen, and tidying up.

use std::time::Duration;

use tokio::task::JoinSet;

use crate::accounts;
use crate::error::Result;
use crate::platform::App;
use crate::platform::jobs::{self, Kind};
use crate::platform::mail::outbox;
use crate::platform::session::{HashedStore, presence};

/// How often the queues are looked at without being asked to: for what another process left, and
/// for what is due again.
const PATROL: Duration = Duration::from_secs(2);
/// How often what is over is removed.
const TIDYING: Duration = Duration::from_secs(3600);

/// Every kind of job.
const KINDS: &[Kind] = &[accounts::RESET_JOB];

/// Starts the workers; dropping what this gives ends them.
pub fn start(app: &App) -> JoinSet<()> {
    let mut workers = JoinSet::new();
    workers.spawn(presence::run(app.clone()));
    workers.spawn(work_for_ever(app.clone()));
    workers.spawn(tidy_for_ever(app.clone()));
    workers
}

async fn work_for_ever(app: App) {
    loop {
        if let Err(error) = work_off(&app).await {
            tracing::error!(?error, "background work stopped; it goes on in a moment");
            tokio::time::sleep(PATROL).await;
        }
        // Whichever comes first; the other is asked again in the next round.
        let _either = tokio::time::timeout(PATROL, app.work_left()).await;
    }
}

async fn tidy_for_ever(app: App) {
    loop {
        tidy(&app).await;
        tokio::time::sleep(TIDYING).await;
    }
}

/// Does everything that is due now.
pub async fn work_off(app: &App) -> Result<()> {
    loop {
        let did_a_job = jobs::run_one(app, KINDS).await?;
        let mails = outbox::send_due(app).await?;
        if !did_a_job && mails == 0 {
            return Ok(());
        }
    }
}

/// Removes what is over: sessions, sign-ins, tokens and mails that nobody needs any more.
async fn tidy(app: &App) {
    if let Err(error) = accounts::remove_expired(app).await {
        tracing::error!(?error, "could not remove what has expired");
    }
    if let Err(error) = HashedStore::of(app).delete_expired().await {
        tracing::error!(%error, "could not remove expired sessions");
    }
}
