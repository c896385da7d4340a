//! When people were last seen. It is written outside the requests, so that no page has to wait for
//! it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use time::Duration;
use tokio::sync::Notify;

use super::CurrentUser;
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::error::Result;
use crate::platform::ids::{MembershipId, OrganizationId, SignInId};
use crate::platform::tenant::{OrgTx, UnscopedTx};

/// Requests of a sign-in within this time are written once.
const RESOLUTION: Duration = Duration::minutes(1);

/// How long to wait before retrying a failed write.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(2);

/// What has been seen but not written yet: the latest request of each sign-in.
#[derive(Debug, Default)]
pub struct Presence {
    waiting: Mutex<HashMap<SignInId, Seen>>,
    pub(super) arrived: Notify,
}

/// A request of a signed-in person.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    sign_in: SignInId,
    organization: Option<(OrganizationId, MembershipId)>,
    at: Timestamp,
    is_news: bool,
}

impl Seen {
    /// A request inside an organization.
    pub fn in_organization(
        user: &CurrentUser,
        organization: OrganizationId,
        membership: MembershipId,
        at: Timestamp,
    ) -> Self {
        let elsewhere = user.last_organization_id != Some(organization);
        Self {
            organization: Some((organization, membership)),
            is_news: elsewhere || at.since(user.last_seen_at) >= RESOLUTION,
            ..Self::outside_organizations(user, at)
        }
    }

    /// A request for a page that belongs to no organization.
    pub fn outside_organizations(user: &CurrentUser, at: Timestamp) -> Self {
        Self {
            sign_in: user.sign_in_id,
            organization: None,
            at,
            is_news: at.since(user.last_seen_at) >= RESOLUTION,
        }
    }
}

impl Presence {
    /// Notes a request, unless the sign-in was written less than a minute before.
    pub fn seen(&self, seen: Seen) {
        if !seen.is_news {
            return;
        }
        if let Ok(mut waiting) = self.waiting.lock() {
            let earlier = waiting.insert(seen.sign_in, seen);
            if let (Some(earlier), Some(now)) = (earlier, waiting.get_mut(&seen.sign_in)) {
                now.organization = now.organization.or(earlier.organization);
            }
        }
        self.arrived.notify_one();
    }

    fn take(&self) -> Vec<Seen> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.drain().map(|(_, seen)| seen).collect()
    }

    /// Puts back what could not be written, unless the sign-in was seen again meanwhile.
    fn put_back(&self, unwritten: impl Iterator<Item = Seen>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for seen in unwritten {
            waiting.entry(seen.sign_in).or_insert(seen);
        }
    }
}

/// Writes what was seen as it arrives; runs until its future is dropped.
pub async fn run(app: App) {
    loop {
        app.presence.arrived.notified().await;
        while let Err(error) = flush(&app).await {
            tracing::warn!(?error, "could not write when people were last seen");
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Writes everything that was seen but not written yet.
///
/// # Errors
/// When the database fails; the rest is kept and written later.
pub async fn flush(app: &App) -> Result<()> {
    let mut seen = app.presence.take().into_iter();
    while let Some(next) = seen.next() {
        if let Err(error) = write(app, next).await {
            app.presence.put_back(std::iter::once(next).chain(seen));
            return Err(error);
        }
    }
    Ok(())
}

/// Writes one request, without waiting for locks: a row that is locked is left as it is, and
/// written after a later request. Waiting could deadlock, because this locks the sign-in before the
/// organization, and the same person's next request may lock them in the other order.
async fn write(app: &App, seen: Seen) -> Result<()> {
    let mut tx = UnscopedTx::write(app).await?;
    tx.query(unscoped_sql!(
        sqlite: "update sign_ins
             set last_seen_at = $1, last_organization_id = coalesce($2, last_organization_id)
             where id = $3 and last_seen_at <= $1",
        postgres: "update sign_ins
             set last_seen_at = $1, last_organization_id = coalesce($2, last_organization_id)
             where id = (
                select id from sign_ins where id = $3 and last_seen_at <= $1
                for no key update skip locked
             )",
    ))
    .bind(seen.at)
    .bind(seen.organization.map(|(organization, _)| organization))
    .bind(seen.sign_in)
    .execute()
    .await?;
    let Some((organization, membership)) = seen.organization else {
        tx.commit_unrecorded().await?;
        return Ok(());
    };
    let mut tx = tx.enter(organization).await?;
    was_active(&mut tx, membership, seen.at).await?;
    tx.commit_unrecorded().await?;
    Ok(())
}

/// Stores when a member was last active, unless the rows are locked.
pub(crate) async fn was_active(
    tx: &mut OrgTx,
    id: MembershipId,
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        sqlite: "update memberships set last_active_at = $2
             where organization_id = $1 and id = $3",
        postgres: "update memberships set last_active_at = $2
             where organization_id = $1 and id = (
                select id from memberships where organization_id = $1 and id = $3
                for no key update skip locked
             )",
    ))
    .bind(at)
    .bind(id)
    .execute()
    .await?;
    tx.query(sql!(
        // The organization's own row: its id is the `organization_id` of all others.
        sqlite: "update organizations set last_active_at = $2
             where id = $1 and (last_active_at is null or last_active_at < $2)
             returning id as organization_id",
        postgres: "update organizations set last_active_at = $2
             where id = (
                select id from organizations
                where id = $1 and (last_active_at is null or last_active_at < $2)
                for no key update skip locked
             )
             returning id as organization_id",
    ))
    .bind(at)
    .optional::<(OrganizationId,)>()
    .await?;
    Ok(())
}
