//! The statements about visits, inside the organization and, for an operator's own visits, outside.

use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::ids::{UserId, VisitId};
use crate::platform::tenant::{OrgTx, RunningVisit, UnscopedTx};

/// Whether `user` is a member of the organization.
pub(super) async fn is_member(tx: &mut OrgTx, user: UserId) -> Result<bool, sqlx::Error> {
    let (count,): (i64,) = tx
        .query(sql!("select count(*) from memberships where organization_id = $1 and user_id = $2"))
        .bind(user)
        .one()
        .await?;
    Ok(count > 0)
}

/// The terms of a visit: its reason, rights and length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Terms {
    pub reason: String,
    pub may_write: bool,
    pub ends_at: Timestamp,
}

/// A running visit of an operator to the organization.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Going {
    pub id: VisitId,
    pub reason: String,
    pub may_write: bool,
    pub started_at: Timestamp,
    pub ends_at: Timestamp,
}

pub(super) async fn going(
    tx: &mut OrgTx,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<Going>, sqlx::Error> {
    tx.query(sql!(
        "select id, reason, may_write, started_at, ends_at from operator_visits
         where organization_id = $1 and user_id = $2 and ended_at is null and ends_at > $3
         order by started_at desc, id desc
         limit 100"
    ))
    .bind(user)
    .bind(now)
    .all()
    .await
}

pub(super) async fn begin_visit(
    tx: &mut OrgTx,
    user: UserId,
    terms: &Terms,
    now: Timestamp,
) -> Result<VisitId, sqlx::Error> {
    let id = VisitId::new();
    tx.query(sql!(
        "insert into operator_visits
            (organization_id, id, user_id, reason, may_write, started_at, ends_at)
         values ($1, $2, $3, $4, $5, $6, $7)"
    ))
    .bind(id)
    .bind(user)
    .bind(&terms.reason)
    .bind(terms.may_write)
    .bind(now)
    .bind(terms.ends_at)
    .execute()
    .await?;
    Ok(id)
}

/// Ends a visit; returns false if it had ended before.
pub(super) async fn end_visit(
    tx: &mut OrgTx,
    id: VisitId,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let ended = tx
        .query(sql!(
            "update operator_visits set ended_at = $3
             where organization_id = $1 and id = $2 and ended_at is null and ends_at > $3"
        ))
        .bind(id)
        .bind(now)
        .execute()
        .await?;
    Ok(ended == 1)
}

/// The operator's own visit `id`, ended or not.
pub(super) async fn find_visit(
    tx: &mut UnscopedTx,
    id: VisitId,
    user: UserId,
) -> Result<Option<RunningVisit>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select v.id, v.organization_id, o.name as organization
         from operator_visits v
         join organizations o on o.id = v.organization_id
         where v.id = $1 and v.user_id = $2"
    ))
    .bind(id)
    .bind(user)
    .optional()
    .await
}

/// A running visit of the operator's own, for the list of organizations.
#[derive(Clone, Debug, FromRow)]
pub(in crate::core::operators) struct MyVisit {
    pub id: VisitId,
    pub organization: String,
    pub slug: String,
    pub may_write: bool,
    pub ends_at: Timestamp,
}

pub(in crate::core::operators) async fn my_visits(
    tx: &mut UnscopedTx,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<MyVisit>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select v.id, o.name as organization, o.slug, v.may_write, v.ends_at
         from operator_visits v
         join organizations o on o.id = v.organization_id and o.deleted_at is null
         where v.user_id = $1 and v.ended_at is null and v.ends_at > $2
         order by v.ends_at, v.id
         limit 20"
    ))
    .bind(user)
    .bind(now)
    .all()
    .await
}
