//! The statements about what members have chosen, and about single notifications of theirs.

use super::model::{Delivery, News, Notice};
use super::noun::NotificationId;
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::sql;
use crate::platform::ids::{MembershipId, UserId};
use crate::platform::tenant::OrgTx;

/// Why a statement about a member's own notifications need not check who may see the project.
pub(super) const OWN: &str = "it changes a member's own notifications, and shows nothing";

/// What a member has chosen.
pub(super) struct Choices(Vec<(Notice, Delivery)>);

impl Choices {
    /// How the member wants to be told about a notice.
    pub fn delivery(&self, notice: Notice) -> Delivery {
        let chosen = self.0.iter().find(|(chosen, _)| *chosen == notice);
        chosen.map(|(_, delivery)| *delivery).unwrap_or_default()
    }
}

/// What `member` has chosen.
pub(super) async fn choices(tx: &mut OrgTx, member: MembershipId) -> Result<Choices, sqlx::Error> {
    let rows = tx
        .query(sql!(
            "select notice, delivery from notice_choices
             where organization_id = $1 and membership_id = $2"
        ))
        .bind(member)
        .all()
        .await?;
    Ok(Choices(rows))
}

/// The name and slug of the organization, if `member` still belongs to it.
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

/// Stores how `member` wants to be told, unless they are not a member any more.
pub(super) async fn choose(
    tx: &mut OrgTx,
    member: MembershipId,
    notice: Notice,
    delivery: Delivery,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "insert into notice_choices (organization_id, membership_id, notice, delivery, created_at)
         select organization_id, id, cast($3 as text), cast($4 as text), cast($5 as timestamptz)
         from memberships
         where organization_id = $1 and id = $2
         on conflict (organization_id, membership_id, notice)
            do update set delivery = excluded.delivery, created_at = excluded.created_at"
    ))
    .bind(member)
    .bind(notice)
    .bind(delivery)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Removes what `member` has not read and was told about the same event before.
pub(super) async fn forget_unread(
    tx: &mut OrgTx,
    member: MembershipId,
    news: &News,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        unfiltered because OWN,
        "delete from notifications
         where organization_id = $1 and membership_id = $2 and event = $3 and object_id = $4
            and read_at is null"
    ))
    .bind(member)
    .bind(news.event)
    .bind(news.object.id())
    .execute()
    .await?;
    Ok(())
}

/// Puts news into the inbox of `member`.
pub(super) async fn insert(
    tx: &mut OrgTx,
    id: NotificationId,
    member: MembershipId,
    news: &News,
    waits: bool,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        unfiltered because OWN,
        "insert into notifications
            (organization_id, id, membership_id, event, actor_id, object_kind, object_id, project_id,
             waits, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    ))
    .bind(id)
    .bind(member)
    .bind(news.event)
    .bind(news.actor)
    .bind(news.object.kind().word())
    .bind(news.object.id())
    .bind(news.project)
    .bind(waits)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Marks a notification of `member` as read at `read_at`, or as unread.
pub(super) async fn mark(
    tx: &mut OrgTx,
    member: MembershipId,
    id: NotificationId,
    read_at: Option<Timestamp>,
) -> Result<bool, sqlx::Error> {
    let marked = tx
        .query(sql!(
            unfiltered because OWN,
            "update notifications set read_at = $4, waits = false
             where organization_id = $1 and membership_id = $2 and id = $3"
        ))
        .bind(member)
        .bind(id)
        .bind(read_at)
        .execute()
        .await?;
    Ok(marked == 1)
}

/// Marks all notifications of `member` up to one of them as read.
pub(super) async fn mark_all(
    tx: &mut OrgTx,
    member: MembershipId,
    newest: NotificationId,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        unfiltered because OWN,
        "update notifications set read_at = $4, waits = false
         where organization_id = $1 and membership_id = $2 and id <= $3 and read_at is null"
    ))
    .bind(member)
    .bind(newest)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Takes what waits for the summary of `member` out of it.
pub(super) async fn stop_waiting(tx: &mut OrgTx, member: MembershipId) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        unfiltered because OWN,
        "update notifications set waits = false
         where organization_id = $1 and membership_id = $2 and waits"
    ))
    .bind(member)
    .execute()
    .await?;
    Ok(())
}

/// Notes that the summaries of what waits since before `until` are on their way.
pub(super) async fn stop_waiting_before(
    tx: &mut OrgTx,
    until: Timestamp,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        unfiltered because OWN,
        "update notifications set waits = false
         where organization_id = $1 and waits and created_at < $2"
    ))
    .bind(until)
    .execute()
    .await?;
    Ok(())
}

/// Whether a membership is that of `user`.
pub(super) async fn is_of(
    tx: &mut OrgTx,
    member: MembershipId,
    user: UserId,
) -> Result<bool, sqlx::Error> {
    let (is_of,) = tx
        .query(sql!(
            "select exists (select 1 from memberships
                where organization_id = $1 and id = $2 and user_id = $3)"
        ))
        .bind(member)
        .bind(user)
        .one()
        .await?;
    Ok(is_of)
}

/// Marks everything as read that was told before `at`.
pub(super) async fn read_before(tx: &mut OrgTx, at: Timestamp) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        unfiltered because OWN,
        "update notifications set read_at = created_at
         where organization_id = $1 and created_at < $2 and read_at is null"
    ))
    .bind(at)
    .execute()
    .await?;
    Ok(())
}
