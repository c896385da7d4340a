//! An invitation, as the members of its organization see it.

use crate::core::invitations::model::{LIFETIME, Status};
use crate::core::invitations::noun;
use crate::platform::audit::{Action, Entry, Object};
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::sql;
use crate::platform::email::EmailAddress;
use crate::platform::ids::{InvitationId, OrganizationId, UserId};
use crate::platform::tenant::{OrgTx, Role, RoleKey};

/// An invitation, as the members of its organization see it.
#[derive(Clone, Debug, FromRow)]
pub struct Invitation {
    pub id: InvitationId,
    pub email: EmailAddress,
    pub message: String,
    pub status: Status,
    pub expires_at: Timestamp,
    pub invited_by: UserId,
    pub inviter: String,
    pub inviter_email: EmailAddress,
    pub requested_email: Option<EmailAddress>,
    #[sqlx(flatten)]
    pub role: Role,
}

/// An invitation, as an object in the audit log.
pub fn object(id: InvitationId, email: &EmailAddress) -> Object {
    Object::new(noun::KIND, id.uuid(), email.to_string())
}

impl Invitation {
    /// The audit log's entry that `action` was done to this invitation.
    pub fn entry(&self, action: Action) -> Entry {
        Entry::new(action, object(self.id, &self.email))
    }

    /// Whether it waits for an answer, even if it has expired.
    pub fn is_pending(&self) -> bool {
        self.status == Status::Pending
    }
}

macro_rules! invitation {
    ($condition:literal) => {
        sql!(concat!(
            "select i.id, i.email, i.message, i.status, i.expires_at, i.invited_by,
                    u.name as inviter, u.email as inviter_email,
                    i.requested_email,
                    r.key as role_key, r.name as role_name, r.description as role_description,
                    r.rank as role_rank, r.permissions as role_permissions
             from invitations i
             join users u on u.id = i.invited_by
             join roles r on r.organization_id = i.organization_id and r.key = i.role
             where i.organization_id = $1 and ",
            $condition
        ))
    };
}

/// The invitation `id`.
pub async fn find(tx: &mut OrgTx, id: InvitationId) -> Result<Option<Invitation>, sqlx::Error> {
    tx.query(invitation!("i.id = $2")).bind(id).optional().await
}

/// The unanswered invitation for `email`, even if it has expired.
pub async fn find_pending(
    tx: &mut OrgTx,
    email: &EmailAddress,
) -> Result<Option<Invitation>, sqlx::Error> {
    tx.query(invitation!("i.email = $2 and i.status = 'pending'")).bind(email).optional().await
}

/// Whether an operator has suspended the organization.
pub async fn is_suspended(tx: &mut OrgTx) -> Result<bool, sqlx::Error> {
    let found: Option<(OrganizationId,)> = tx
        .query(sql!(
            // The organization's own row: its id is the `organization_id` of all others.
            "select id as organization_id from organizations
             where id = $1 and suspended_at is not null"
        ))
        .optional()
        .await?;
    Ok(found.is_some())
}

/// Whether a member has this address.
pub async fn is_member(tx: &mut OrgTx, email: &EmailAddress) -> Result<bool, sqlx::Error> {
    let (count,): (i64,) = tx
        .query(sql!(
            "select count(*) from memberships m
             join users u on u.id = m.user_id
             where m.organization_id = $1 and u.email = $2"
        ))
        .bind(email)
        .one()
        .await?;
    Ok(count > 0)
}

/// The data of a new invitation.
pub struct Draft<'a> {
    pub email: &'a EmailAddress,
    pub role: &'a RoleKey,
    pub message: &'a str,
    pub invited_by: UserId,
    pub now: Timestamp,
}

pub async fn insert(tx: &mut OrgTx, draft: &Draft<'_>) -> Result<InvitationId, sqlx::Error> {
    let id = InvitationId::new();
    tx.query(sql!(
        "insert into invitations
            (organization_id, id, email, role, message, status, invited_by, created_at, expires_at)
         values ($1, $2, $3, $4, $5, 'pending', $6, $7, $8)"
    ))
    .bind(id)
    .bind(draft.email)
    .bind(draft.role)
    .bind(draft.message)
    .bind(draft.invited_by)
    .bind(draft.now)
    .bind(draft.now.plus(LIFETIME))
    .execute()
    .await?;
    Ok(id)
}

/// Renews an unanswered invitation: for `email`, from `inviter`, for another seven days.
pub async fn renew(tx: &mut OrgTx, id: InvitationId, draft: &Draft<'_>) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "update invitations
         set email = $3, role = $4, message = $5, invited_by = $6, expires_at = $7,
             requested_email = null
         where organization_id = $1 and id = $2 and status = 'pending'"
    ))
    .bind(id)
    .bind(draft.email)
    .bind(draft.role)
    .bind(draft.message)
    .bind(draft.invited_by)
    .bind(draft.now.plus(LIFETIME))
    .execute()
    .await?;
    Ok(())
}

/// Answers an invitation if it is still open: of concurrent attempts, only one succeeds.
pub async fn answer(
    tx: &mut OrgTx,
    id: InvitationId,
    status: &'static str,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let changed = tx
        .query(sql!(
            "update invitations set status = $3, answered_at = $4
             where organization_id = $1 and id = $2 and status = 'pending'"
        ))
        .bind(id)
        .bind(status)
        .bind(now)
        .execute()
        .await?;
    Ok(changed == 1)
}

/// Stores that somebody asks to be invited as `email` instead; returns false if somebody has asked
/// already.
pub async fn request_change(
    tx: &mut OrgTx,
    id: InvitationId,
    email: &EmailAddress,
) -> Result<bool, sqlx::Error> {
    let changed = tx
        .query(sql!(
            "update invitations set requested_email = $3
             where organization_id = $1 and id = $2 and status = 'pending'
                and requested_email is null"
        ))
        .bind(id)
        .bind(email)
        .execute()
        .await?;
    Ok(changed == 1)
}
