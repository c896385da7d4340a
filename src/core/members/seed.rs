//! Members of the demonstration.

use super::noun::{KIND, MEMBER_JOINED, MEMBER_SUSPENDED};
use super::sql;
use crate::core::notices::{self, Event, News};
use crate::platform::audit::{Entry, Object};
use crate::platform::clock::Timestamp;
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::ids::{MembershipId, UserId};
use crate::platform::tenant::OrgTx;

/// Suspends a member of the demonstration since `at`.
pub(crate) async fn seed_suspended(tx: &mut OrgTx, user: UserId, at: Timestamp) -> Result<()> {
    if let Some(member) = sql::find_by_user(tx, user).await? {
        sql::set_suspended(tx, member.membership_id, Some(at)).await?;
        tx.record(member.entry(MEMBER_SUSPENDED));
    }
    Ok(())
}

/// Records that somebody accepted an invitation of the member `host`, who is told so.
pub(crate) async fn seed_joined(
    tx: &mut OrgTx,
    host: MembershipId,
    (user, email): (UserId, &EmailAddress),
) -> Result<()> {
    let object = Object::new(KIND, user.uuid(), email.to_string());
    tx.record(Entry::new(MEMBER_JOINED, object.clone()).person(user));
    let news = News { event: Event::Accepted, actor: Some(user), object, project: None };
    notices::seed(tx, host, user, &news).await
}
