//! Limits wrong guesses by somebody who has the password or a session and is asked for more. They
//! are counted by account, whatever is tried and in however many browsers.
//!
//! Strangers cannot lock anybody out, because they do not get as far as guessing here.

use time::Duration;

use super::mail::{self, Guessing};
use super::model::Holder;
use crate::core::accounts::noun::{GUESSING_TOLD, SIGN_IN_FAILED};
use crate::platform::App;
use crate::platform::audit::{ActorKind, Who};
use crate::platform::error::Result;
use crate::platform::ids::{OrganizationId, UserId};
use crate::platform::mail::outbox;
use crate::platform::session::Device;
use crate::platform::tenant::UnscopedTx;
use crate::platform::throttle::{self, Kind, Try};

/// How long not to tell the owner of an account again.
const TOLD_ONCE_IN: Duration = Duration::hours(24);

/// A guess that counts as wrong until it is known to be right.
#[derive(Debug)]
pub(crate) struct Guess {
    by_account: Try,
    by_network: Option<Try>,
}

/// Counts a guess by somebody who is signed in.
///
/// # Errors
/// [`TooMany`](crate::platform::error::AppError::TooMany) after ten wrong ones.
pub(crate) async fn take(app: &App, holder: &Holder, device: &Device) -> Result<Guess> {
    let by_account = throttle::take_of(app, Kind::Guess, holder.id, device).await?;
    Ok(Guess { by_account, by_network: None })
}

/// Counts a guess by somebody whose password was correct, for the account and the network.
///
/// # Errors
/// [`TooMany`](crate::platform::error::AppError::TooMany) after ten wrong ones for the account, or
/// many from the network.
pub(super) async fn take_half_way(app: &App, holder: &Holder, device: &Device) -> Result<Guess> {
    let by_network = throttle::take_from(app, Kind::Guess, device).await?;
    let by_account = throttle::take_of(app, Kind::Guess, holder.id, device).await?;
    Ok(Guess { by_account, by_network: Some(by_network) })
}

impl Guess {
    /// The guess was right: resets the earlier wrong ones.
    pub async fn was_right(self, app: &App) -> Result<()> {
        self.by_account.start_over(app).await?;
        match self.by_network {
            Some(by_network) => by_network.take_back(app).await,
            None => Ok(()),
        }
    }

    /// The guess was right, and is not counted; the sign-in that follows resets the earlier wrong
    /// ones.
    pub async fn take_back(self, app: &App) -> Result<()> {
        self.by_account.take_back(app).await?;
        match self.by_network {
            Some(by_network) => by_network.take_back(app).await,
            None => Ok(()),
        }
    }

    /// The guess was wrong: records it and, at the limit, tells the person, once a day.
    pub async fn was_wrong(
        self,
        app: &App,
        holder: &Holder,
        device: &Device,
        aim: &str,
    ) -> Result<()> {
        note(app, Some(holder.id), device, aim);
        if !self.by_account.is_at_limit {
            return Ok(());
        }
        let now = app.clock.now();
        let mut tx = UnscopedTx::write(app).await?.from(device);
        tx.lock_person(holder.id).await?;
        let since = now.plus(-TOLD_ONCE_IN);
        if outbox::count_since::<Guessing>(&mut tx, &holder.email, since).await? > 0 {
            return Ok(());
        }
        let mail = Guessing {
            name: holder.name.clone(),
            when: now.minute(),
            forgot_link: app.config.link("/password/forgot"),
        };
        mail::send(&mut tx, holder, &mail).await?;
        tx.record(holder.entry(GUESSING_TOLD));
        tx.commit().await
    }
}

/// Records that somebody has failed to authenticate as `person`, if that is known.
pub(super) fn note(app: &App, person: Option<UserId>, device: &Device, aim: &str) {
    tracing::info!(address = %device.address, "proof refused");
    let who = Who { kind: ActorKind::Anonymous, device: Some(device.clone()), ..Who::system() };
    let outside = OrganizationId::OUTSIDE;
    app.refusals.note(outside, SIGN_IN_FAILED, &who, person, aim, app.clock.now());
}
