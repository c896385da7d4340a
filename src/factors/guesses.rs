//! How often somebody may be wrong: counted by account, whatever they try and with however many
//! browsers at once.
//!
//! A guess counts as wrong before it is looked at, and is taken back when it was right; so a
//! hundred at the same moment are no more than ten. Nobody is locked out by a stranger: only
//! whoever has the password, or a session, gets as far as guessing here.

use time::Duration;

use super::mail::{self, Guessing};
use super::model::Holder;
use crate::error::{AppError, Result};
use crate::platform::App;
use crate::platform::audit::{Action, ActorKind, Who};
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::ids::{ChallengeId, OrganizationId};
use crate::platform::session::Device;
use crate::platform::tenant::UnscopedTx;

/// How many wrong guesses an account takes within [`WINDOW`].
const LIMIT: i64 = 10;
/// The time within which they count.
const WINDOW: Duration = Duration::minutes(15);

/// A guess that counts as wrong until it is known to be right.
#[derive(Debug)]
pub(super) struct Guess {
    id: ChallengeId,
    is_last: bool,
}

#[derive(sqlx::FromRow)]
struct Failures {
    count: i64,
    first: Option<Timestamp>,
}

/// Lets one more guess be made.
///
/// # Errors
/// [`AppError::TooMany`] after ten wrong ones in fifteen minutes.
pub(super) async fn take(app: &App, holder: &Holder) -> Result<Guess> {
    let now = app.clock.now();
    let mut tx = UnscopedTx::write(app).await?;
    tx.lock_person(holder.id).await?;
    let failures: Failures = tx
        .query(unscoped_sql!(
            "select count(*) as count, min(failed_at) as first
             from factor_failures
             where user_id = $1 and failed_at > $2"
        ))
        .bind(holder.id)
        .bind(now.plus(-WINDOW))
        .one()
        .await?;
    if failures.count >= LIMIT {
        let until = failures.first.unwrap_or(now).plus(WINDOW);
        let seconds = until.since(now).whole_seconds().max(1);
        return Err(AppError::TooMany {
            words: format!(
                "There were {LIMIT} wrong tries for this account within {} minutes. Wait, and try \
                 again later.",
                WINDOW.whole_minutes()
            )
            .into(),
            retry_after: seconds as u32,
        });
    }
    let id = ChallengeId::new();
    tx.query(unscoped_sql!(
        "insert into factor_failures (id, user_id, failed_at) values ($1, $2, $3)"
    ))
    .bind(id)
    .bind(holder.id)
    .bind(now)
    .execute()
    .await?;
    // Whether it was wrong is recorded when it is known.
    tx.commit_unrecorded().await?;
    Ok(Guess { id, is_last: failures.count + 1 == LIMIT })
}

impl Guess {
    /// It was right: it does not count.
    pub async fn was_right(self, tx: &mut UnscopedTx) -> Result<(), sqlx::Error> {
        tx.query(unscoped_sql!("delete from factor_failures where id = $1"))
            .bind(self.id)
            .execute()
            .await?;
        Ok(())
    }

    /// It was wrong: it is recorded, and with the last one the person is told.
    pub async fn was_wrong(self, app: &App, holder: &Holder, device: &Device) -> Result<()> {
        note(app, holder, device, "a second factor");
        if self.is_last {
            let mut tx = UnscopedTx::write(app).await?.from(device);
            let mail = Guessing {
                name: holder.name.clone(),
                when: app.clock.now().minute(),
                forgot_link: app.config.link("/password/forgot"),
            };
            mail::send(&mut tx, holder, &mail).await?;
            tx.record(holder.entry(Action::SignInFailed));
            tx.commit().await?;
        }
        Ok(())
    }
}

/// Records that somebody failed to show that they are `holder`.
pub(super) fn note(app: &App, holder: &Holder, device: &Device, aim: &str) {
    tracing::info!(address = %device.address, "proof refused");
    let who = Who { kind: ActorKind::Anonymous, device: Some(device.clone()), ..Who::system() };
    let outside = OrganizationId::OUTSIDE;
    let person = Some(holder.id);
    app.refusals.note(outside, Action::SignInFailed, &who, person, aim, app.clock.now());
}
