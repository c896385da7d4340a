//! A counter: how many attempts were made within a window, and how many failed in a row.

use time::Duration;

use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::error::Result;
use crate::platform::tenant::UnscopedTx;

/// The time within which attempts are counted. It is longer than the longest pause, so that the
/// count outlives the pause.
const WINDOW: Duration = Duration::minutes(30);
/// How long failures in a row are remembered, from the last one that was checked.
const REMEMBERED: Duration = Duration::days(30);
/// How long to pause at the limit and after each further attempt; the last pause repeats.
const PAUSES: [Duration; 5] = [
    Duration::minutes(1),
    Duration::minutes(2),
    Duration::minutes(4),
    Duration::minutes(8),
    Duration::minutes(15),
];

/// The limits of a counter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// How many attempts are free within the window.
    pub limit: i64,
    /// How many may fail in a row, if these are counted.
    pub in_a_row: Option<i64>,
}

/// The state of a counter after an attempt.
#[derive(FromRow)]
pub(super) struct Counted {
    pub was_refused: bool,
    paused_until: Option<Timestamp>,
    in_a_row: i64,
    tried_at: Timestamp,
}

impl Counted {
    /// Whether the next attempt has to wait.
    pub fn is_at_limit(&self, rule: Rule) -> bool {
        self.paused_until.is_some() || rule.in_a_row.is_some_and(|most| self.in_a_row >= most)
    }

    /// Whether the attempt was refused because too many have failed in a row.
    pub fn is_over_in_a_row(&self, rule: Rule) -> bool {
        self.was_refused && rule.in_a_row.is_some_and(|most| self.in_a_row > most)
    }

    /// How many seconds to wait after a refusal.
    pub fn seconds_to_wait(&self, rule: Rule, now: Timestamp) -> u32 {
        let until = match self.is_over_in_a_row(rule) {
            true => self.tried_at.plus(REMEMBERED),
            false => self.paused_until.unwrap_or(now),
        };
        until.since(now).whole_seconds().clamp(1, REMEMBERED.whole_seconds()) as u32
    }
}

/// Counts an attempt in a single statement, so that no two read the same count. The transaction of
/// a refused attempt must be rolled back.
pub(super) async fn count(
    tx: &mut UnscopedTx,
    key: &str,
    rule: Rule,
    now: Timestamp,
) -> Result<Counted, sqlx::Error> {
    let [first, second, third, fourth, last] = PAUSES.map(|pause| now.plus(pause));
    tx.query(unscoped_sql!(
        "insert into throttle as t
            (key, window_started_at, count, paused_until, was_refused, in_a_row, tried_at)
         values ($1, $2, 1, null, false, $10, $2)
         on conflict (key) do update set
            was_refused = coalesce(t.paused_until > $2, false)
                or coalesce(t.in_a_row >= $11 and t.tried_at > $12, false),
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
                else $9 end,
            in_a_row = case
                when t.tried_at <= $12 then $10
                else t.in_a_row + $10 end,
            tried_at = case
                when t.in_a_row >= $11 and t.tried_at > $12 then t.tried_at
                else $2 end
         returning was_refused, paused_until, in_a_row, tried_at"
    ))
    .bind(key)
    .bind(now)
    .bind(now.plus(-WINDOW))
    .bind(rule.limit)
    .bind(first)
    .bind(second)
    .bind(third)
    .bind(fourth)
    .bind(last)
    .bind(i64::from(rule.in_a_row.is_some()))
    .bind(rule.in_a_row.unwrap_or(i64::MAX))
    .bind(now.plus(-REMEMBERED))
    .one()
    .await
}

/// Undoes the counting of an attempt.
pub(super) async fn take_back(tx: &mut UnscopedTx, key: &str) -> Result<(), sqlx::Error> {
    tx.query(unscoped_sql!(
        "update throttle set count = count - 1, paused_until = null,
            in_a_row = case when in_a_row > 0 then in_a_row - 1 else 0 end
         where key = $1 and count > 0"
    ))
    .bind(key)
    .execute()
    .await?;
    Ok(())
}

/// How many have failed in a row.
pub(super) async fn in_a_row(tx: &mut UnscopedTx, key: &str) -> Result<i64, sqlx::Error> {
    let found: Option<(i64,)> = tx
        .query(unscoped_sql!("select in_a_row from throttle where key = $1"))
        .bind(key)
        .optional()
        .await?;
    Ok(found.map_or(0, |(count,)| count))
}

/// Resets the failures in a row, but not the recent attempts.
pub(super) async fn end_row(tx: &mut UnscopedTx, key: &str) -> Result<(), sqlx::Error> {
    tx.query(unscoped_sql!("update throttle set in_a_row = 0 where key = $1"))
        .bind(key)
        .execute()
        .await?;
    Ok(())
}

/// Resets the counter.
pub(super) async fn clear(tx: &mut UnscopedTx, key: &str) -> Result<(), sqlx::Error> {
    tx.query(unscoped_sql!("delete from throttle where key = $1")).bind(key).execute().await?;
    Ok(())
}

/// Removes expired counters.
pub async fn remove_expired(app: &App) -> Result<()> {
    let now = app.clock.now();
    let mut tx = UnscopedTx::write(app).await?;
    tx.query(unscoped_sql!(
        "delete from throttle
         where window_started_at < $1 and (in_a_row = 0 or tried_at < $2)"
    ))
    .bind(now.plus(-WINDOW))
    .bind(now.plus(-REMEMBERED))
    .execute()
    .await?;
    tx.commit_unrecorded().await?;
    Ok(())
}
