//! The statements for the list, which is a directory and shows nothing from inside an organization.

use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::ids::OrganizationId;
use crate::platform::tenant::{OrgTx, UnscopedTx};

/// An organization, as operators see it from outside.
#[derive(Clone, Debug, FromRow)]
pub struct OrganizationRow {
    pub id: OrganizationId,
    pub name: String,
    /// The sort key of the name.
    pub name_key: String,
    pub slug: String,
    pub plan: String,
    pub member_count: i64,
    pub created_at: Timestamp,
    pub last_active_at: Option<Timestamp>,
    pub suspended_at: Option<Timestamp>,
    pub suspended_reason: Option<String>,
}

impl OrganizationRow {
    /// A path of this organization's operator pages.
    pub fn path(&self, rest: &str) -> String {
        format!("/operator/organizations/{}{rest}", self.id)
    }

    /// The path of its overview, for members.
    pub fn home(&self) -> String {
        format!("/orgs/{}", self.slug)
    }
}

macro_rules! columns {
    () => {
        "o.id, o.name, o.name_key, o.slug, o.plan, o.member_count, o.created_at, o.last_active_at,
         o.suspended_at, o.suspended_reason"
    };
}
pub(super) use columns;

/// The organization `id`.
pub(in crate::core::operators) async fn find(
    tx: &mut UnscopedTx,
    id: OrganizationId,
) -> Result<Option<OrganizationRow>, sqlx::Error> {
    tx.query(unscoped_sql!(concat!(
        "select ",
        columns!(),
        " from organizations o where o.id = $1 and o.deleted_at is null"
    )))
    .bind(id)
    .optional()
    .await
}

/// Suspends the organization; returns false if it was suspended already.
pub(super) async fn suspend(
    tx: &mut OrgTx,
    reason: &str,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let changed: Option<(OrganizationId,)> = tx
        .query(sql!(
            // The organization's own row: its id is the `organization_id` of all others.
            "update organizations set suspended_at = $2, suspended_reason = $3
             where id = $1 and suspended_at is null
             returning id as organization_id"
        ))
        .bind(now)
        .bind(reason)
        .optional()
        .await?;
    Ok(changed.is_some())
}

/// Reactivates the organization; returns the reason for its suspension, if it was suspended.
pub(super) async fn reactivate(tx: &mut OrgTx) -> Result<Option<String>, sqlx::Error> {
    let held: Option<(OrganizationId, Option<String>)> = tx
        .query(sql!(
            "select id as organization_id, suspended_reason from organizations
             where id = $1 and suspended_at is not null"
        ))
        .optional()
        .await?;
    tx.query(sql!(
        "update organizations set suspended_at = null, suspended_reason = null
         where id = $1 and suspended_at is not null
         returning id as organization_id"
    ))
    .optional::<(OrganizationId,)>()
    .await?;
    Ok(held.map(|(_, reason)| reason.unwrap_or_default()))
}

/// What a suspension affects, besides the members.
#[derive(Clone, Copy, Debug, FromRow)]
pub(super) struct Consequences {
    pub pending_invitations: i64,
}

pub(super) async fn consequences(
    tx: &mut OrgTx,
    now: Timestamp,
) -> Result<Consequences, sqlx::Error> {
    tx.query(sql!(
        "select count(*) as pending_invitations from invitations
         where organization_id = $1 and status = 'pending' and expires_at > $2"
    ))
    .bind(now)
    .one()
    .await
}
