//! The statements about stopped notices.

use super::model::Notice;
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::sql;
use crate::platform::ids::MembershipId;
use crate::platform::tenant::OrgTx;

/// The notices that `member` has stopped.
pub(super) async fn stopped(
    tx: &mut OrgTx,
    member: MembershipId,
) -> Result<Vec<Notice>, sqlx::Error> {
    let rows: Vec<(Notice,)> = tx
        .query(sql!(
            "select notice from stopped_notices where organization_id = $1 and membership_id = $2"
        ))
        .bind(member)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(notice,)| notice).collect())
}

/// The name of the organization, if `member` still belongs to it.
pub(super) async fn place(
    tx: &mut OrgTx,
    member: MembershipId,
) -> Result<Option<(String, String)>, sqlx::Error> {
    tx.query(sql!(
        "select o.name, o.slug from memberships m
         join organizations o on o.id = m.organization_id and o.deleted_at is null
         where m.organization_id = $1 and m.id = $2"
    ))
    .bind(member)
    .optional()
    .await
}

/// Stops a notice for `member`, unless it is stopped already or they are not a member any more.
pub(super) async fn stop(
    tx: &mut OrgTx,
    member: MembershipId,
    notice: Notice,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "insert into stopped_notices (organization_id, membership_id, notice, created_at)
         select organization_id, id, cast($3 as text), cast($4 as timestamptz) from memberships
         where organization_id = $1 and id = $2
         on conflict do nothing"
    ))
    .bind(member)
    .bind(notice)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Turns on a notice for `member` again.
pub(super) async fn resume(
    tx: &mut OrgTx,
    member: MembershipId,
    notice: Notice,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "delete from stopped_notices
         where organization_id = $1 and membership_id = $2 and notice = $3"
    ))
    .bind(member)
    .bind(notice)
    .execute()
    .await?;
    Ok(())
}
