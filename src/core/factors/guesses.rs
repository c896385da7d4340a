//! How often someone may be wrong who has the password, or a session, and is asked for more:
//! counted by account, whatever they try and with however many browsers at once.
//!
//! Nobody is locked out by a stranger: strangers do not get as far as guessing here.

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

/// How long the owner of an account is not told again.
const TOLD_ONCE_IN: Duration = Duration::hours(24);

/// A guess that counts as wrong until it is known to be right.
#[derive(Debug)]
pub(crate) struct Guess {
    by_account: Try,
    by_network: Option<Try>,
}

/// Lets one more guess be made by someone who is signed in.
///
/// # Errors
/// [`TooMany`](crate::platform::error::AppError::TooMany) after ten wrong ones.
pub(crate) async fn take(app: &App, holder: &Holder, device: &Device) -> Result<Guess> {
    let by_account = throttle::take_of(app, Kind::Guess, holder.id, device).await?;
    Ok(Guess { by_account, by_network: None })
}

/// Counts a guess of someone whose password was right, against the account and the network.
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
    /// It was right, and what was wrong before is over.
    pub async fn was_right(self, app: &App) -> Result<()> {
        self.by_account.start_anew(app).await?;
        match self.by_network {
            Some(by_network) => by_network.take_back(app).await,
            None => Ok(()),
        }
    }

    /// It was right and does not count; the sign-in that follows ends what was wrong before.
    pub async fn take_back(self, app: &App) -> Result<()> {
        self.by_account.take_back(app).await?;
        match self.by_network {
            Some(by_network) => by_network.take_back(app).await,
            None => Ok(()),
        }
    }

    /// It was wrong: it is recorded, and at the limit the person is told, once a day.
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

/// Records that someone failed to show that they are `person`, as far as it is known who that is.
pub(super) fn note(app: &App, person: Option<UserId>, device: &Device, aim: &str) {
    tracing::info!(address = %device.address, "proof refused");
    let who = Who { kind: ActorKind::Anonymous, device: Some(device.clone()), ..Who::system() };
    let outside = OrganizationId::OUTSIDE;
    app.refusals.note(outside, SIGN_IN_FAILED, &who, person, aim, app.clock.now());
}
