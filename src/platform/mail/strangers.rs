//! Limits on emails to addresses that people type: how many one person may cause, and how many one
//! address may get, over all organizations.
//!
//! They are counted in the transaction that sends, which serializes the sending for each person and
//! each address. So concurrent requests cannot exceed the limits.

use time::Duration;

use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::Query;
use crate::platform::db::statement::{UnscopedSql, unscoped_sql};
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::ids::{StrangerMailId, UserId};
use crate::platform::secrets::digest;
use crate::platform::tenant::{OrgTx, UnscopedTx};

const DAY: Duration = Duration::days(1);
const MONTH: Duration = Duration::days(30);
/// How long accepted invitations are remembered.
const REMEMBERED: Duration = Duration::days(400);

/// The most emails to one address in 24 hours, from all senders.
pub const TO_ONE_IN_A_DAY: i64 = 10;
/// The most emails to one address in 30 days.
pub const TO_ONE_IN_A_MONTH: i64 = 40;

/// The limits that an account has earned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// The minimum age of the account.
    pub age: Duration,
    /// The minimum number of people who have joined at its invitation.
    pub joined: i64,
    /// The most emails in 24 hours.
    pub in_a_day: i64,
    /// The most emails in 30 days.
    pub in_a_month: i64,
    /// Whether it may add words of its own.
    pub may_write: bool,
}

/// All levels, the lowest first.
pub const LEVELS: [Level; 3] = [
    Level { age: Duration::ZERO, joined: 0, in_a_day: 300, in_a_month: 600, may_write: false },
    Level { age: Duration::days(3), joined: 3, in_a_day: 600, in_a_month: 3000, may_write: true },
    Level {
        age: Duration::days(30),
        joined: 20,
        in_a_day: 1000,
        in_a_month: 10_000,
        may_write: true,
    },
];

/// A transaction in which such emails are counted.
pub trait Counts {
    /// The running application.
    fn app(&self) -> &App;

    /// A statement outside organizations.
    fn outside(&mut self, sql: UnscopedSql) -> Query<'_>;
}

impl Counts for OrgTx {
    fn app(&self) -> &App {
        Self::app(self)
    }

    fn outside(&mut self, sql: UnscopedSql) -> Query<'_> {
        self.query_outside(sql)
    }
}

impl Counts for UnscopedTx {
    fn app(&self) -> &App {
        Self::app(self)
    }

    fn outside(&mut self, sql: UnscopedSql) -> Query<'_> {
        self.query(sql)
    }
}

/// How much somebody may still send.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    sender: UserId,
    /// The account's level.
    pub level: Level,
    sent_today: i64,
    sent_this_month: i64,
}

/// The limit that an email would exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The sender's.
    Sender,
    /// The recipient's.
    Recipient,
}

/// When the account was created, whether it is an operator's, how many people have joined at its
/// invitation, and how many emails it has sent in the last day and month.
type Earned = (Timestamp, bool, i64, i64, i64);

impl Allowance {
    /// Reads what `sender` may still send.
    pub async fn of(tx: &mut impl Counts, sender: UserId) -> Result<Self> {
        let now = tx.app().clock.now();
        let (created_at, is_operator, joined, sent_today, sent_this_month): Earned = tx
            .outside(unscoped_sql!(
                "select u.created_at,
                        exists (select 1 from operators o where o.user_id = u.id) as is_operator,
                        (select count(distinct s.recipient_hash) from stranger_mails s
                         where s.sender_id = u.id and s.joined_at is not null) as joined,
                        (select count(*) from stranger_mails s
                         where s.sender_id = u.id and s.sent_at > $2) as sent_today,
                        (select count(*) from stranger_mails s
                         where s.sender_id = u.id and s.sent_at > $3) as sent_this_month
                 from users u where u.id = $1"
            ))
            .bind(sender)
            .bind(now.plus(-DAY))
            .bind(now.plus(-MONTH))
            .one()
            .await?;
        let age = now.since(created_at);
        let has_earned = |level: &&Level| is_operator || age >= level.age && joined >= level.joined;
        let level = *LEVELS.iter().rev().find(has_earned).unwrap_or(&LEVELS[0]);
        Ok(Self { sender, level, sent_today, sent_this_month })
    }

    /// Reads what `sender` may still send, in a transaction that sends. Other emails from this
    /// person, or to one of `recipients`, have to wait until it ends.
    pub async fn held<'a>(
        tx: &mut impl Counts,
        sender: UserId,
        recipients: impl IntoIterator<Item = &'a EmailAddress>,
    ) -> Result<Self> {
        hold(tx, format!("mail of {sender}").as_bytes()).await?;
        // Always in the same order, to prevent deadlocks.
        let mut recipients: Vec<_> = recipients.into_iter().map(hash).collect();
        recipients.sort_unstable();
        recipients.dedup();
        for recipient in recipients {
            hold(tx, &recipient).await?;
        }
        Self::of(tx, sender).await
    }

    /// How many emails are left for now.
    pub fn left(&self) -> i64 {
        let month = self.level.in_a_month - self.sent_this_month;
        (self.level.in_a_day - self.sent_today).min(month).max(0)
    }

    /// Counts an email to `recipient`, or returns the limit that it would exceed.
    pub async fn take(
        &mut self,
        tx: &mut impl Counts,
        recipient: &EmailAddress,
    ) -> Result<Result<(), Limit>> {
        if self.left() == 0 {
            return Ok(Err(Limit::Sender));
        }
        let now = tx.app().clock.now();
        let recipient = hash(recipient);
        let (today, this_month): (i64, i64) = tx
            .outside(unscoped_sql!(
                "select cast(coalesce(sum(case when sent_at > $2 then 1 else 0 end), 0) as bigint),
                        count(*)
                 from stranger_mails where recipient_hash = $1 and sent_at > $3"
            ))
            .bind(&recipient)
            .bind(now.plus(-DAY))
            .bind(now.plus(-MONTH))
            .one()
            .await?;
        if today >= TO_ONE_IN_A_DAY || this_month >= TO_ONE_IN_A_MONTH {
            return Ok(Err(Limit::Recipient));
        }
        tx.outside(unscoped_sql!(
            "insert into stranger_mails (id, sender_id, recipient_hash, sent_at)
             values ($1, $2, $3, $4)"
        ))
        .bind(StrangerMailId::new())
        .bind(self.sender)
        .bind(&recipient)
        .bind(now)
        .execute()
        .await?;
        self.sent_today += 1;
        self.sent_this_month += 1;
        Ok(Ok(()))
    }
}

/// Records that the owner of the address, which is confirmed, has joined at the invitation of
/// `sender`.
pub async fn joined(tx: &mut impl Counts, sender: UserId, recipient: &EmailAddress) -> Result<()> {
    let now = tx.app().clock.now();
    let recipient = hash(recipient);
    hold(tx, &recipient).await?;
    tx.outside(unscoped_sql!(
        "update stranger_mails set joined_at = $1
         where sender_id = $2 and recipient_hash = $3 and joined_at is null"
    ))
    .bind(now)
    .bind(sender)
    .bind(recipient)
    .execute()
    .await?;
    Ok(())
}

/// Removes what does not count any more.
pub async fn remove_old(app: &App) -> Result<()> {
    let now = app.clock.now();
    let mut tx = UnscopedTx::write(app).await?;
    tx.query(unscoped_sql!(
        "delete from stranger_mails
         where sent_at < $1 or (sent_at < $2 and joined_at is null)"
    ))
    .bind(now.plus(-REMEMBERED))
    .bind(now.plus(-MONTH))
    .execute()
    .await?;
    tx.commit_unrecorded().await?;
    Ok(())
}

fn hash(recipient: &EmailAddress) -> Vec<u8> {
    digest(recipient.as_str().as_bytes())
}

/// Takes a lock on `what` until this transaction ends. It is an advisory lock, because most
/// addresses have no row that could be locked.
async fn hold(tx: &mut impl Counts, what: &[u8]) -> Result<()> {
    let digest = digest(what);
    let key = digest.first_chunk().map_or(0, |first| i64::from_be_bytes(*first));
    tx.outside(unscoped_sql!(
        // On SQLite this transaction is already the only writer.
        sqlite: "select cast($1 as text)",
        postgres: "select cast(pg_advisory_xact_lock($1) as text)",
    ))
    .bind(key)
    .one::<(String,)>()
    .await?;
    Ok(())
}
