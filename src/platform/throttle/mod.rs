//! How often somebody may try to get in: counted by account, by known browser and by network, in
//! the database, so that it holds across processes and restarts.
//!
//! A try counts before it is looked at, so that a hundred at the same moment are no more than the
//! limit, and is taken back when it was right. Over the limit each further try has to wait longer,
//! fifteen minutes at most. What was wrong a hundred times in a row waits for its owner: at a
//! browser that is known for the account, with a passkey, or with a new password by mail. Nobody is
//! ever locked out for good, and nobody by strangers: a known browser has a counter of its own.
//!
//! An account is known here by the digest of its address, whether there is one or not, so that both
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

/// What somebody reads who has tried too often, whatever they tried.
const WORDS: &str = "There were too many attempts from here or for this account. Wait a while and \
                     try again: nothing is locked.";

/// A try that counts until it is known to be right.
#[derive(Debug)]
#[must_use = "a try that was right is taken back"]
pub struct Try {
    keys: Vec<String>,
    /// Whether the next one for the account has to wait if this one was wrong.
    pub is_at_limit: bool,
}

/// Counts one more try for the account with the address that was typed. At a browser that is known
/// for it, it counts for that browser alone.
///
/// # Errors
/// [`AppError::TooMany`] when it came too early; then it does not count.
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

/// Counts a try against a known account, and not against a network.
///
/// # Errors
/// [`AppError::TooMany`] when it came too early; then it does not count.
pub async fn take_of(app: &App, kind: Kind, person: UserId, device: &Device) -> Result<Try> {
    let tx = UnscopedTx::write(app).await?;
    let counters = vec![(person_key(kind, person), kind.rule(app.config.throttle))];
    count(app, tx, Attempt { kind, device, person: Some(person), counters }).await
}

/// Counts a try against a network, as long as nobody knows whose account is tried.
///
/// # Errors
/// [`AppError::TooMany`] when it came too early; then it does not count.
pub async fn take_from(app: &App, kind: Kind, device: &Device) -> Result<Try> {
    let tx = UnscopedTx::write(app).await?;
    let counters = vec![network_counter(app, kind, device)];
    count(app, tx, Attempt { kind, device, person: None, counters }).await
}

/// A try, and what it counts for.
struct Attempt<'a> {
    kind: Kind,
    device: &'a Device,
    /// Whose account it is aimed at, where there is one.
    person: Option<UserId>,
    /// The account before the network, always: two that took them the other way round would wait
    /// for each other.
    counters: Vec<(String, Rule)>,
}

async fn count(app: &App, mut tx: UnscopedTx, attempt: Attempt<'_>) -> Result<Try> {
    let now = app.clock.now();
    let mut is_at_limit = false;
    for (place, (key, rule)) in attempt.counters.iter().enumerate() {
        let counted = counter::count(&mut tx, key, *rule, now).await?;
        if counted.was_refused {
            // Nothing of it counts.
            drop(tx);
            return Err(refuse(app, &attempt, *rule, &counted, now));
        }
        is_at_limit |= place == 0 && counted.is_at_limit(*rule);
    }
    // What came of the try is recorded when it is known.
    tx.commit_unrecorded().await?;
    let keys = attempt.counters.into_iter().map(|(key, _)| key).collect();
    Ok(Try { keys, is_at_limit })
}

/// The answer to a try that came too early. Beside it, the audit log gets as much as of one that
/// failed.
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
        true => ", set through a link sent by email",
        false => ", set through a link from the operator of this installation",
    };
    let words = match rule.in_a_row.filter(|_| counted.is_over_in_a_row(rule)) {
        None => WORDS.into(),
        Some(most) => format!(
            "There were {most} failed attempts in a row for this account. From now on only its \
             owner can get in: in a browser where they have signed in before, with a passkey, or \
             with a new password{by}."
        )
        .into(),
    };
    AppError::TooMany { words, retry_after: counted.seconds_to_wait(rule, now) }
}

impl Try {
    /// It was right, and does not count; what else was tried does.
    pub async fn take_back(self, app: &App) -> Result<()> {
        let mut tx = UnscopedTx::write(app).await?;
        for key in &self.keys {
            counter::take_back(&mut tx, key).await?;
        }
        tx.commit_unrecorded().await?;
        Ok(())
    }

    /// It was right, and what was wrong before is over: for what nobody else tries.
    pub async fn start_anew(self, app: &App) -> Result<()> {
        let mut tx = UnscopedTx::write(app).await?;
        for key in &self.keys {
            counter::clear(&mut tx, key).await?;
        }
        tx.commit_unrecorded().await?;
        Ok(())
    }
}

/// What somebody has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proved {
    /// All that the account asks for.
    Everything,
    /// That they read its mail: what was guessed of a second factor stands.
    Address,
}

/// Somebody has got into the account, at a browser that is known from now on: what was wrong in a
/// row is over. Gives how many tries that were, whoever made them.
///
/// Where the browser was known before, strangers go on to wait: otherwise each sign-in of the owner
/// would give them new tries.
pub async fn start_anew(
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

/// Forgets, in the caller's transaction, what was tried for the account with this address. What
/// counts under ids tells nothing of anybody, and goes with time.
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

/// The address that was typed as an account has it; what is none stays as it is.
fn canonical(typed: &str) -> String {
    EmailAddress::of_account(typed).map_or_else(|_| typed.to_owned(), |email| email.to_string())
}

/// One house: an IPv4 address, or the first half of an IPv6 address.
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
