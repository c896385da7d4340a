//! Background work: sending mail, running jobs, recording who was seen, and cleaning up.

use std::future::{Future, pending};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::core::accounts;
use crate::core::factors;
use crate::core::notices;
use crate::platform::App;
use crate::platform::audit::refusals;
use crate::platform::backup::folder;
use crate::platform::error::Result;
use crate::platform::jobs;
use crate::platform::mail::outbox::{self, Slots};
use crate::platform::mail::strangers;
use crate::platform::newest;
use crate::platform::retention;
use crate::platform::sealed;
use crate::platform::session::{HashedStore, known, presence};
use crate::platform::tenant::remove_old_claims;
use crate::platform::throttle;

/// How often to check the queues without being woken: for work left by another process, and for
/// retries.
const PATROL: Duration = Duration::from_secs(2);
/// How often to remove what has expired.
const TIDYING: Duration = Duration::from_secs(3600);
/// How often to search every organization for rows that were deleted long ago.
const PURGING: Duration = Duration::from_secs(24 * 3600);

/// The running workers.
pub struct Workers {
    /// The queue workers, which stop on request.
    queues: JoinSet<()>,
    /// The other workers, which can be interrupted at any moment, and are on drop.
    _others: JoinSet<()>,
    stop: watch::Sender<bool>,
}

/// Starts the workers; dropping the result stops them at once.
pub fn start(app: &App) -> Workers {
    let (stop, stopped) = watch::channel(false);
    // Mail and jobs run independently: a mail server may be slow.
    let mut queues = JoinSet::new();
    queues.spawn(mail_until(app.clone(), stopped.clone()));
    queues.spawn(jobs_until(app.clone(), stopped));
    let mut others = JoinSet::new();
    others.spawn(presence::run(app.clone()));
    others.spawn(refusals::run(app.clone()));
    others.spawn(newest::run(app.clone()));
    others.spawn(sealed::follow(app.clone()));
    others.spawn(tidy_for_ever(app.clone()));
    others.spawn(purge_for_ever(app.clone()));
    others.spawn(folder::run(app.clone()));
    Workers { queues, _others: others, stop }
}

impl Workers {
    /// Stops the workers and waits for work in progress, so that no email is sent without being
    /// marked.
    pub async fn finish(mut self) {
        // Nobody is listening if the workers have ended by themselves.
        let _heard = self.stop.send(true);
        while self.queues.join_next().await.is_some() {}
    }
}

async fn mail_until(app: App, mut stopped: watch::Receiver<bool>) {
    let mut slots = Slots::new(&app);
    while !*stopped.borrow() {
        let went_wrong = match slots.fill().await {
            // A slot that becomes free takes the next email, whatever the others are waiting for.
            Ok(_) => tokio::select! {
                ended = slots.one_ends() => ended.err(),
                () = rest(&mut stopped, app.mail_left()) => None,
            },
            Err(error) => Some(error),
        };
        if let Some(error) = went_wrong {
            tracing::error!(?error, "mail stopped; it resumes in a moment");
            rest(&mut stopped, pending()).await;
        }
    }
    if let Err(error) = slots.finish().await {
        tracing::error!(?error, "could not record what became of an email");
    }
}

async fn jobs_until(app: App, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        match jobs::run_one(&app).await {
            Ok(false) => rest(&mut stopped, app.jobs_left()).await,
            Ok(true) => {}
            Err(error) => {
                tracing::error!(?error, "jobs stopped; they resume in a moment");
                rest(&mut stopped, pending()).await;
            }
        }
    }
}

/// Waits for work, the next check, or the request to stop.
async fn rest(stopped: &mut watch::Receiver<bool>, work: impl Future<Output = ()>) {
    tokio::select! {
        () = work => {}
        () = tokio::time::sleep(PATROL) => {}
        _ = stopped.changed() => {}
    }
}

async fn tidy_for_ever(app: App) {
    loop {
        tidy(&app).await;
        tokio::time::sleep(TIDYING).await;
    }
}

async fn purge_for_ever(app: App) {
    // Nothing is so urgent that every start has to search through all organizations.
    tokio::time::sleep(TIDYING).await;
    loop {
        if let Err(error) = retention::purge(&app).await {
            tracing::error!(?error, "could not remove what was deleted long ago");
        }
        tokio::time::sleep(PURGING).await;
    }
}

/// Does everything that is due now.
pub async fn work_off(app: &App) -> Result<()> {
    loop {
        let did_a_job = jobs::run_one(app).await?;
        let mails = outbox::send_due(app).await?;
        if !did_a_job && mails == 0 {
            return Ok(());
        }
    }
}

/// Queues the daily summaries, and removes expired sessions, sign-ins, tokens, emails and the like.
pub async fn tidy(app: &App) {
    if let Err(error) = accounts::remove_expired(app).await {
        tracing::error!(?error, "could not remove what has expired");
    }
    if let Err(error) = notices::send_digests(app).await {
        tracing::error!(?error, "could not queue the daily summaries");
    }
    if let Err(error) = factors::remove_expired(app).await {
        tracing::error!(?error, "could not remove old challenges");
    }
    if let Err(error) = remove_old_claims(app).await {
        tracing::error!(?error, "could not remove what was sent some time ago");
    }
    if let Err(error) = throttle::remove_expired(app).await {
        tracing::error!(?error, "could not remove old counters of attempts");
    }
    if let Err(error) = known::remove_idle(app).await {
        tracing::error!(?error, "could not remove browsers that are no longer known");
    }
    if let Err(error) = outbox::remove_old(app).await {
        tracing::error!(?error, "could not remove old mail");
    }
    if let Err(error) = strangers::remove_old(app).await {
        tracing::error!(?error, "could not remove the counts of old mail");
    }
    if let Err(error) = HashedStore::of(app).delete_expired().await {
        tracing::error!(%error, "could not remove expired sessions");
    }
}
