//! The statements about members.

use crate::core::members::noun;
use crate::platform::audit::{Action, Entry, Object};
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::sql;
use crate::platform::ids::{MembershipId, UserId};
use crate::platform::mail::{MailState, outbox};
use crate::platform::tenant::{Grant, OrgTx, Role};

/// Makes `user` a member.
pub(crate) async fn add(
    tx: &mut OrgTx,
    user: UserId,
    grant: &Grant,
    now: Timestamp,
) -> Result<MembershipId, sqlx::Error> {
    let id = MembershipId::new();
    tx.query(sql!(
        "insert into memberships (organization_id, id, user_id, role, created_at)
         values ($1, $2, $3, $4, $5)"
    ))
    .bind(id)
    .bind(user)
    .bind(&grant.role().key)
    .bind(now)
    .execute()
    .await?;
    Ok(id)
}

/// A member, with what the rules depend on.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Target {
    pub membership_id: MembershipId,
    pub user_id: UserId,
    pub name: String,
    /// Whether the membership is suspended.
    pub is_suspended: bool,
    /// Whether the member's account is suspended.
    pub is_account_suspended: bool,
    #[sqlx(flatten)]
    pub role: Role,
    /// The number of the organization's owners who can act: neither they nor their accounts are
    /// suspended.
    pub owners: i64,
    /// The number of members, suspended or not.
    pub members: i64,
}

impl Target {
    /// Whether the member can do anything here now.
    pub fn can_act(&self) -> bool {
        !self.is_suspended && !self.is_account_suspended
    }

    /// The audit log's entry that `action` was done to this member.
    pub fn entry(&self, action: Action) -> Entry {
        let object = Object::new(noun::KIND, self.membership_id.uuid(), self.name.clone());
        Entry::new(action, object).person(self.user_id)
    }
}

macro_rules! target {
    ($condition:literal) => {
        sql!(concat!(
            "select m.id as membership_id, m.user_id, u.name,
                    m.suspended_at is not null as is_suspended,
                    u.suspended_at is not null as is_account_suspended,
                    r.key as role_key, r.name as role_name, r.description as role_description,
                    r.rank as role_rank, r.permissions as role_permissions,
                    (select count(*) from memberships w
                     join users a on a.id = w.user_id and a.suspended_at is null
                     where w.organization_id = $1 and w.role = 'owner'
                        and w.suspended_at is null) as owners,
                    (select count(*) from memberships w where w.organization_id = $1) as members
             from memberships m
             join users u on u.id = m.user_id
             join roles r on r.organization_id = m.organization_id and r.key = m.role
             where m.organization_id = $1 and ",
            $condition
        ))
    };
}

pub(super) async fn find(tx: &mut OrgTx, id: MembershipId) -> Result<Option<Target>, sqlx::Error> {
    tx.query(target!("m.id = $2")).bind(id).optional().await
}

/// The membership of `user`.
pub(crate) async fn find_by_user(
    tx: &mut OrgTx,
    user: UserId,
) -> Result<Option<Target>, sqlx::Error> {
    tx.query(target!("m.user_id = $2")).bind(user).optional().await
}

/// The owner who has been a member for longest.
pub(crate) async fn any_owner(tx: &mut OrgTx) -> Result<(UserId, String), sqlx::Error> {
    tx.query(sql!(
        "select m.user_id, u.name
         from memberships m
         join users u on u.id = m.user_id
         where m.organization_id = $1 and m.role = 'owner' and m.suspended_at is null
         order by u.suspended_at is not null, m.created_at, m.id
         limit 1"
    ))
    .one()
    .await
}

/// Whether the person may have a role of `rank`. A role above "member" requires a confirmed
/// address, because anybody can sign up with any address.
pub(crate) async fn may_hold(tx: &mut OrgTx, user: UserId, rank: i64) -> Result<bool, sqlx::Error> {
    if !outbox::is_sent(tx.app()) {
        // Without mail, nobody can confirm an address, and nobody has to.
        return Ok(true);
    }
    let (may,): (bool,) = tx
        .query(sql!(
            "select exists (select 1 from users u
                            where u.id = $2 and u.email_verified_at is not null)
                 or exists (select 1 from roles r
                            where r.organization_id = $1 and r.key = 'member' and r.rank >= $3)"
        ))
        .bind(user)
        .bind(rank)
        .one()
        .await?;
    Ok(may)
}

/// Gives a member another role.
pub(crate) async fn set_role(
    tx: &mut OrgTx,
    id: MembershipId,
    grant: &Grant,
) -> Result<(), sqlx::Error> {
    tx.query(sql!("update memberships set role = $3 where organization_id = $1 and id = $2"))
        .bind(id)
        .bind(&grant.role().key)
        .execute()
        .await?;
    Ok(())
}

/// Suspends a member from `since` on, or reactivates them if it is `None`.
pub(super) async fn set_suspended(
    tx: &mut OrgTx,
    id: MembershipId,
    since: Option<Timestamp>,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "update memberships set suspended_at = $3 where organization_id = $1 and id = $2"
    ))
    .bind(id)
    .bind(since)
    .execute()
    .await?;
    Ok(())
}

/// Keeps others from changing the membership, or referring to it, until the transaction ends.
pub(super) async fn lock(tx: &mut OrgTx, id: MembershipId) -> Result<(), sqlx::Error> {
    // An update locks the row on both engines.
    tx.query(sql!(
        "update memberships set last_active_at = last_active_at
         where organization_id = $1 and id = $2"
    ))
    .bind(id)
    .execute()
    .await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut OrgTx, id: MembershipId) -> Result<(), sqlx::Error> {
    tx.query(sql!("delete from memberships where organization_id = $1 and id = $2"))
        .bind(id)
        .execute()
        .await?;
    Ok(())
}

/// What would end with a membership.
#[derive(Clone, Copy, Debug, FromRow)]
pub(crate) struct Consequences {
    pub pending_invitations: i64,
    /// Whether the current join link is theirs.
    pub has_join_link: bool,
    /// Unfinished tasks, which would be unassigned.
    pub open_tasks: i64,
    pub led_projects: i64,
}

pub(crate) async fn consequences(
    tx: &mut OrgTx,
    user: UserId,
    now: Timestamp,
) -> Result<Consequences, sqlx::Error> {
    tx.query(sql!(
        unfiltered because
            "who ends a membership is told how much ends with it, in numbers: that is everything, \
             and people have tasks only in projects that they see",
        "select (select count(*) from invitations
                 where organization_id = $1 and invited_by = $2 and status = 'pending'
                ) as pending_invitations,
                exists (select 1 from join_links
                        where organization_id = $1 and made_by = $2 and ended_at is null
                            and expires_at > $3) as has_join_link,
                (select count(*) from tasks t
                 join memberships m on m.organization_id = t.organization_id and m.id = t.assignee_id
                 where t.organization_id = $1 and m.user_id = $2 and t.status <> 'done'
                    and t.deleted_at is null) as open_tasks,
                (select count(*) from project_members v
                 join memberships m
                    on m.organization_id = v.organization_id and m.id = v.membership_id
                 join projects p on p.organization_id = v.organization_id and p.id = v.project_id
                    and p.deleted_at is null
                 where v.organization_id = $1 and m.user_id = $2 and v.role = 'lead'
                ) as led_projects"
    ))
    .bind(user)
    .bind(now)
    .one()
    .await
}

/// Revokes the invitations of `user` that a role of `rank` may not offer: an invitation does not
/// outlive its sender's authority. Returns how many there were.
pub(super) async fn revoke_offers_above(
    tx: &mut OrgTx,
    user: UserId,
    rank: i64,
    now: Timestamp,
) -> Result<u64, sqlx::Error> {
    tx.query(sql!(
        "update invitations set status = 'revoked', answered_at = $4
         where organization_id = $1 and invited_by = $2 and status = 'pending'
            and role in (select key from roles where organization_id = $1 and rank > $3)"
    ))
    .bind(user)
    .bind(rank)
    .bind(now)
    .execute()
    .await
}

/// Ends the join link that `user` has made, if a role of `rank` may not offer it: it does not
/// outlive its maker's authority either.
pub(super) async fn end_join_link_above(
    tx: &mut OrgTx,
    user: UserId,
    rank: i64,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "update join_links set ended_at = $4, ended_as = 'withdrawn'
         where organization_id = $1 and made_by = $2 and ended_at is null
            and role in (select key from roles where organization_id = $1 and rank > $3)"
    ))
    .bind(user)
    .bind(rank)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Removes the unsent emails of all revoked invitations, after several were revoked at once.
pub(super) async fn withdraw_mails_of_revoked(tx: &mut OrgTx) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "delete from outbox
         where organization_id = $1 and status <> 'sent' and claimed_at is null and id in (
            select l.mail_id from invitation_links l
            join invitations i on i.organization_id = l.organization_id and i.id = l.invitation_id
            where l.organization_id = $1 and i.status = 'revoked')"
    ))
    .execute()
    .await?;
    Ok(())
}

/// The state of an invitation's email, as its row shows it.
pub(crate) fn mail_words(status: Option<MailState>) -> &'static str {
    match status {
        Some(MailState::Queued) => "Email queued",
        Some(MailState::Sent) => "Email sent",
        Some(MailState::Failed) => "Email failed",
        None => "No email sent",
    }
}
