//! Limits how often somebody may try to get in. Attempts are counted by account, by known browser
//! and by network, in the database, so that the limits hold across processes and restarts.
//!
//! An attempt is counted before it is checked, so that a hundred at the same moment do not exceed
//! the limit, and the count is undone if it succeeds. Above the limit each further attempt has to
//! wait longer, at most fifteen minutes. After a hundred failures in a row only the owner can get
//! in: in a browser known for the account, with a passkey, or with a new password by email. Nobody
//! is ever locked out for good, and strangers can lock nobody out: a known browser has a counter of
//! its own.
//!
//! An account is identified by the digest of its address, whether it exists or not, so that both
//! behave alike.

mod counter;
mod kind;

use std::net::IpAddr;

use counter::{Counted, Rule};

use crate::platform::App;
use crate::platform::audit::action::TRY_REFUSED;
use crate::platform::audit::chain::hex;
use crate::platform::audit::{ActorKind, Who};
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{DeviceId, OrganizationId, UserId};
use crate::platform::mail::outbox;
use crate::platform::secrets::digest;
use crate::platform::session::Device;
use crate::platform::session::known::{self, KnownDevice};
use crate::platform::tenant::UnscopedTx;

pub use counter::remove_expired;
pub use kind::{Kind, Limits};

/// The message after too many attempts, whatever was tried.
const WORDS: &str = "Too many attempts. Wait a while and try again.";

/// An attempt that counts until it is known to be successful.
#[derive(Debug)]
#[must_use = "a try that was right is taken back"]
pub struct Try {
    keys: Vec<String>,
    /// Whether the next attempt for the account has to wait if this one fails.
    pub is_at_limit: bool,
}

/// Counts an attempt for the account with the typed address. In a browser known for the account, it
/// only counts for that browser.
///
/// # Errors
/// [`AppError::TooMany`] when it came too early; then it is not counted.
pub async fn take(app: &App, kind: Kind, typed: &str, device: &Device) -> Result<Try> {
    let now = app.clock.now();
    let mut tx = UnscopedTx::write(app).await?;
    let found = known::find(&mut tx, &canonical(typed), device, now).await?;
    let at = found.and_then(|found| found.device_id).filter(|_| kind.knows_browsers());
    let rule = kind.rule(app.config.throttle);
    let mut counters = vec![match at {
        Some(id) => (browser_key(kind, id), rule),
        None => (address_key(kind, typed), rule),
    }];
    if at.is_none() {
        counters.push(network_counter(app, kind, device));
    }
    let person = found.map(|found| found.user_id);
    count(app, tx, Attempt { kind, device, person, counters }).await
}

/// Counts an attempt against a known account, and not against a network.
///
/// # Errors
/// [`AppError::TooMany`] when it came too early; then it is not counted.
pub async fn take_of(app: &App, kind: Kind, person: UserId, device: &Device) -> Result<Try> {
    let tx = UnscopedTx::write(app).await?;
    let counters = vec![(person_key(kind, person), kind.rule(app.config.throttle))];
    count(app, tx, Attempt { kind, device, person: Some(person), counters }).await
}

/// Counts an attempt against a network, while the account is still unknown.
///
/// # Errors
/// [`AppError::TooMany`] when it came too early; then it is not counted.
pub async fn take_from(app: &App, kind: Kind, device: &Device) -> Result<Try> {
    let tx = UnscopedTx::write(app).await?;
    let counters = vec![network_counter(app, kind, device)];
    count(app, tx, Attempt { kind, device, person: None, counters }).await
}

/// An attempt, with the counters that it counts for.
struct Attempt<'a> {
    kind: Kind,
    device: &'a Device,
    /// The owner of the account, if there is one.
    person: Option<UserId>,
    /// The account always comes before the network: locking them in the other order could deadlock.
    counters: Vec<(String, Rule)>,
}

async fn count(app: &App, mut tx: UnscopedTx, attempt: Attempt<'_>) -> Result<Try> {
    let now = app.clock.now();
    let mut is_at_limit = false;
    for (place, (key, rule)) in attempt.counters.iter().enumerate() {
        let counted = counter::count(&mut tx, key, *rule, now).await?;
        if counted.was_refused {
            // A refused attempt is not counted at all.
            drop(tx);
            return Err(refuse(app, &attempt, *rule, &counted, now));
        }
        is_at_limit |= place == 0 && counted.is_at_limit(*rule);
    }
    // The result of the attempt is recorded when it is known.
    tx.commit_unrecorded().await?;
    let keys = attempt.counters.into_iter().map(|(key, _)| key).collect();
    Ok(Try { keys, is_at_limit })
}

/// The answer to an attempt that came too early. It adds as much to the audit log as a failed
/// attempt.
fn refuse(
    app: &App,
    attempt: &Attempt<'_>,
    rule: Rule,
    counted: &Counted,
    now: Timestamp,
) -> AppError {
    let Attempt { kind, device, person, .. } = attempt;
    tracing::info!(address = %device.address, kind = kind.name(), "too many attempts");
    let device = Some((*device).clone());
    let who = Who { kind: ActorKind::Anonymous, device, ..Who::system() };
    let outside = OrganizationId::OUTSIDE;
    app.refusals.note(outside, TRY_REFUSED, &who, *person, kind.words(), now);
    let by = match outbox::is_sent(app) {
        true => "with a link sent by email",
        false => "with a link from the operator of this installation",
    };
    let words = match rule.in_a_row.filter(|_| counted.is_over_in_a_row(rule)) {
        None => WORDS.into(),
        Some(most) => format!(
            "There were {most} failed attempts in a row for this account. Sign in from a browser \
             you've used before or with a passkey, or set a new password {by}."
        )
        .into(),
    };
    AppError::TooMany { words, retry_after: counted.seconds_to_wait(rule, now) }
}

impl Try {
    /// The attempt succeeded: undoes its counting, but not that of others.
    pub async fn take_back(self, app: &App) -> Result<()> {
        let mut tx = UnscopedTx::write(app).await?;
        for key in &self.keys {
            counter::take_back(&mut tx, key).await?;
        }
        tx.commit_unrecorded().await?;
        Ok(())
    }

    /// The attempt succeeded: resets its counters. For what nobody else tries.
    pub async fn start_over(self, app: &App) -> Result<()> {
        let mut tx = UnscopedTx::write(app).await?;
        for key in &self.keys {
            counter::clear(&mut tx, key).await?;
        }
        tx.commit_unrecorded().await?;
        Ok(())
    }
}

/// What somebody has proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proved {
    /// Everything that the account requires.
    Everything,
    /// That they read its email: earlier guesses at a second factor still count.
    Address,
}

/// Resets the failures in a row after somebody has got into the account, in a browser that is known
/// from now on. Returns how many failures there were, by anybody.
///
/// If the browser was known before, strangers still have to wait: otherwise each sign-in of the
/// owner would give them new attempts.
pub async fn start_over(
    tx: &mut UnscopedTx,
    person: UserId,
    email: &EmailAddress,
    known: &KnownDevice,
    proved: Proved,
) -> Result<i64, sqlx::Error> {
    let strangers = address_key(Kind::SignIn, email.as_str());
    let mut own = vec![browser_key(Kind::SignIn, known.id)];
    if proved == Proved::Everything {
        own.push(person_key(Kind::Guess, person));
    }
    let mut failures = counter::in_a_row(tx, &strangers).await?;
    match known.was_known {
        true => counter::end_row(tx, &strangers).await?,
        false => counter::clear(tx, &strangers).await?,
    }
    for key in &own {
        failures += counter::in_a_row(tx, key).await?;
        counter::clear(tx, key).await?;
    }
    Ok(failures)
}

/// Removes, in the caller's transaction, the counters of the account with this address. Counters
/// that are kept under ids reveal nothing about anybody, and expire.
pub async fn forget(tx: &mut UnscopedTx, email: &EmailAddress) -> Result<(), sqlx::Error> {
    let account = hex(&digest(email.as_str().as_bytes()));
    tx.query(unscoped_sql!("delete from throttle where key like $1"))
        .bind(format!("% account {account}"))
        .execute()
        .await?;
    Ok(())
}

fn network_counter(app: &App, kind: Kind, device: &Device) -> (String, Rule) {
    let key = format!("{} network {}", kind.name(), network(device.address));
    (key, Rule { limit: app.config.throttle.per_network, in_a_row: None })
}

fn address_key(kind: Kind, typed: &str) -> String {
    format!("{} account {}", kind.name(), hex(&digest(canonical(typed).as_bytes())))
}

fn person_key(kind: Kind, person: UserId) -> String {
    format!("{} person {person}", kind.name())
}

fn browser_key(kind: Kind, id: DeviceId) -> String {
    format!("{} browser {id}", kind.name())
}

/// The typed address in its canonical form; text that is not an address is left unchanged.
fn canonical(typed: &str) -> String {
    EmailAddress::of_account(typed).map_or_else(|_| typed.to_owned(), |email| email.to_string())
}

/// The network of an address: an IPv4 address, or the first half of an IPv6 address.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_an_address_of_the_old_kind_or_half_of_one_of_the_new() {
        let network = |address: &str| network(address.parse().unwrap());
        assert_eq!(network("203.0.113.7"), "203.0.113.7");
        assert_eq!(network("::ffff:203.0.113.7"), "203.0.113.7");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    }

    #[test]
    fn an_account_is_the_same_however_its_address_is_written() {
        let account = |typed| address_key(Kind::SignIn, typed);
        assert_eq!(account(" ADA@example.test"), account("ada@EXAMPLE.test"));
        assert_ne!(account("ada@example.test"), account("bo@example.test"));
    }
}
