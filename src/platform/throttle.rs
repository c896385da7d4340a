//! How often somebody may try to get in: counted by account and by network, in the database, so
//! that it holds across processes and restarts.
//!
//! A try counts before it is looked at, so that a hundred at the same moment are no more than the
//! limit, and is taken back when it was right. Over the limit each further try has to wait longer,
//! fifteen minutes at most: nobody is ever locked out for good. An account is known here by the
//! digest of its address, whether there is one or not, so that both behave alike.

use std::net::IpAddr;

use time::Duration;

use crate::error::{AppError, Result};
use crate::platform::App;
use crate::platform::audit::chain::hex;
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::email::EmailAddress;
use crate::platform::secrets::digest;
use crate::platform::tenant::UnscopedTx;

/// The time within which tries count together. It is longer than the longest pause, so that the
/// count is not forgotten the moment a pause ends.
const WINDOW: Duration = Duration::minutes(30);
/// How long the tries wait that come at the limit and after it; the last one stays.
const PAUSES: [Duration; 5] = [
    Duration::minutes(1),
    Duration::minutes(2),
    Duration::minutes(4),
    Duration::minutes(8),
    Duration::minutes(15),
];
/// The same for everything and everybody.
const WORDS: &str = "There were too many tries from here or for this account. Wait, and try again \
                     later: nothing is locked.";

/// How many tries are free within half an hour.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For one account.
    pub per_account: i64,
    /// From one network: an IPv4 address, or the first 64 bits of an IPv6 address.
    pub per_network: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_account: 10, per_network: 100 }
    }
}

/// What is tried; each is counted by itself.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Signing in with a password.
    SignIn,
    /// Signing up.
    SignUp,
    /// Asking for a link to set a new password.
    Reset,
    /// Accepting an invitation as a new person.
    Invitation,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::SignUp => "sign_up",
            Self::Reset => "reset",
            Self::Invitation => "invitation",
        }
    }
}

/// A try that counts until it is known to be right.
#[derive(Debug)]
#[must_use = "a try that was right is taken back"]
pub struct Try {
    account: String,
    network: String,
}

#[derive(sqlx::FromRow)]
struct Counted {
    was_refused: bool,
    paused_until: Option<Timestamp>,
}

/// Counts one more try for the account with the address that was typed.
///
/// # Errors
/// [`AppError::TooMany`] when it came too early; then it does not count.
pub async fn take(app: &App, kind: Kind, typed: &str, address: IpAddr) -> Result<Try> {
    let Limits { per_account, per_network } = app.config.throttle;
    let now = app.clock.now();
    let attempt = Try {
        account: format!("{} account {}", kind.name(), account(typed)),
        network: format!("{} network {}", kind.name(), network(address)),
    };
    let mut tx = UnscopedTx::write(app).await?;
    // The account before the network, always: two that took them the other way round would wait
    // for each other.
    let by_account = count(&mut tx, &attempt.account, per_account, now).await?;
    let by_network = match by_account.was_refused {
        true => None,
        false => Some(count(&mut tx, &attempt.network, per_network, now).await?),
    };
    let refused = [Some(by_account), by_network].into_iter().flatten().find(|c| c.was_refused);
    if let Some(refused) = refused {
        // Nothing of it counts.
        drop(tx);
        let until = refused.paused_until.unwrap_or(now);
        let seconds = until.since(now).whole_seconds().clamp(1, WINDOW.whole_seconds());
        tracing::info!(%address, kind = kind.name(), "too many tries");
        return Err(AppError::TooMany { words: WORDS.into(), retry_after: seconds as u32 });
    }
    // What came of the try is recorded when it is known.
    tx.commit_unrecorded().await?;
    Ok(attempt)
}

/// One statement, so that no two tries read the same count.
async fn count(
    tx: &mut UnscopedTx,
    key: &str,
    limit: i64,
    now: Timestamp,
) -> Result<Counted, sqlx::Error> {
    let [first, second, third, fourth, last] = PAUSES.map(|pause| now.plus(pause));
    tx.query(unscoped_sql!(
        "insert into throttle as t (key, window_started_at, count, paused_until, was_refused)
         values ($1, $2, 1, null, false)
         on conflict (key) do update set
            was_refused = coalesce(t.paused_until > $2, false),
            window_started_at = case
                when t.paused_until > $2 then t.window_started_at
                when t.window_started_at <= $3 then $2
                when t.count + 1 >= $4 then $2
                else t.window_started_at end,
            count = case
                when t.paused_until > $2 then t.count
                when t.window_started_at <= $3 then 1
                else t.count + 1 end,
            paused_until = case
                when t.paused_until > $2 then t.paused_until
                when t.window_started_at <= $3 then null
                when t.count + 1 < $4 then null
                when t.count + 1 = $4 then $5
                when t.count = $4 then $6
                when t.count - 1 = $4 then $7
                when t.count - 2 = $4 then $8
                else $9 end
         returning was_refused, paused_until"
    ))
    .bind(key)
    .bind(now)
    .bind(now.plus(-WINDOW))
    .bind(limit)
    .bind(first)
    .bind(second)
    .bind(third)
    .bind(fourth)
    .bind(last)
    .one()
    .await
}

impl Try {
    /// It was right: the account starts anew, and for the network it does not count. What others
    /// tried from there does.
    pub async fn was_right(self, app: &App) -> Result<()> {
        let mut tx = UnscopedTx::write(app).await?;
        tx.query(unscoped_sql!("delete from throttle where key = $1"))
            .bind(&self.account)
            .execute()
            .await?;
        tx.query(unscoped_sql!(
            "update throttle set count = count - 1, paused_until = null
             where key = $1 and count > 0"
        ))
        .bind(&self.network)
        .execute()
        .await?;
        tx.commit_unrecorded().await?;
        Ok(())
    }
}

/// Forgets, in the caller's transaction, what was tried for the account with this address.
pub async fn forget(tx: &mut UnscopedTx, email: &EmailAddress) -> Result<(), sqlx::Error> {
    tx.query(unscoped_sql!("delete from throttle where key like $1"))
        .bind(format!("% account {}", account(email.as_str())))
        .execute()
        .await?;
    Ok(())
}

/// Removes the counters of tries that nobody looks at any more.
pub async fn remove_expired(app: &App) -> Result<()> {
    let mut tx = UnscopedTx::write(app).await?;
    tx.query(unscoped_sql!("delete from throttle where window_started_at < $1"))
        .bind(app.clock.now().plus(-WINDOW))
        .execute()
        .await?;
    tx.commit_unrecorded().await?;
    Ok(())
}

/// The account that `typed` names, exists it or not.
fn account(typed: &str) -> String {
    let canonical = typed.parse::<EmailAddress>();
    let text = canonical.as_ref().map_or(typed, |email| email.as_str());
    hex(&digest(text.as_bytes()))
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
        assert_eq!(account(" ADA@example.test"), account("ada@EXAMPLE.test"));
        assert_ne!(account("ada@example.test"), account("bo@example.test"));
    }
}
