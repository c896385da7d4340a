//! The statements about invitations.

use sqlx::FromRow;

use crate::core::invitations::noun;
use crate::core::invitations::noun::InvitationLinkId;
use crate::platform::audit::{Action, Entry, Object};
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::email::EmailAddress;
use crate::platform::ids::{InvitationId, MailId, OrganizationId, UserId};
use crate::platform::secrets::Token;
use crate::platform::tenant::{OrgTx, Role, RoleKey, UnscopedTx};

/// An invitation as its link finds it.
#[derive(Clone, Debug, FromRow)]
pub struct Found {
    pub id: InvitationId,
    /// The link it was found by; none where it was found without one.
    pub link_id: Option<InvitationLinkId>,
    /// Whether whoever holds the link has proved the address: it came by mail.
    pub proves_address: bool,
    pub organization_id: OrganizationId,
    pub organization: String,
    pub slug: String,
    pub organization_deleted: bool,
    pub organization_suspended: bool,
    pub email: EmailAddress,
    pub role_name: String,
    /// Whether the role is above a member's.
    pub is_above_member: bool,
    pub message: String,
    pub status: String,
    pub is_replaced: bool,
    pub expires_at: Timestamp,
    pub inviter: String,
    /// Somebody asked already to have it changed to this address.
    pub requested_email: Option<EmailAddress>,
    /// Whether the invited address has an account.
    pub has_account: bool,
    /// Whether the signed-in person belongs to the organization.
    pub is_member: bool,
}

/// The organization that the token of a link leads to. The look-up is outside organizations:
/// whoever holds the token is in none yet.
pub async fn locate_by_token(
    tx: &mut UnscopedTx,
    token: &Token,
) -> Result<Option<OrganizationId>, sqlx::Error> {
    tx.present(token).await?;
    let found: Option<(OrganizationId,)> = tx
        .query(unscoped_sql!(
            "select organization_id from invitation_links where token_hash = $1 or copy_hash = $1"
        ))
        .bind(token.digest())
        .optional()
        .await?;
    Ok(found.map(|(id,)| id))
}

/// The organization that the invitation `id` for `email` leads to, for the holder of the address.
pub async fn locate_by_email(
    tx: &mut UnscopedTx,
    id: InvitationId,
    email: &EmailAddress,
) -> Result<Option<OrganizationId>, sqlx::Error> {
    let found: Option<(OrganizationId,)> = tx
        .query(unscoped_sql!(
            "select organization_id from invitations where id = $1 and email = $2"
        ))
        .bind(id)
        .bind(email)
        .optional()
        .await?;
    Ok(found.map(|(id,)| id))
}

/// The invitation that a link belongs to, seen by `user`.
pub async fn find_by_token(
    tx: &mut OrgTx,
    token: &Token,
    user: Option<UserId>,
) -> Result<Option<Found>, sqlx::Error> {
    tx.query(sql!(
        "select i.id, l.id as link_id, l.token_hash = $2 as proves_address,
                i.organization_id, o.name as organization, o.slug,
                o.deleted_at is not null as organization_deleted,
                o.suspended_at is not null as organization_suspended,
                i.email,
                r.name as role_name,
                r.rank > (select k.rank from roles k
                          where k.organization_id = $1 and k.key = 'member') as is_above_member,
                i.message, i.status,
                l.replaced_at is not null as is_replaced, i.expires_at, u.name as inviter,
                i.requested_email,
                exists (select 1 from users a where a.email = i.email) as has_account,
                exists (select 1 from memberships m
                        where m.organization_id = i.organization_id and m.user_id = $3) as is_member
         from invitation_links l
         join invitations i on i.organization_id = l.organization_id and i.id = l.invitation_id
         join organizations o on o.id = i.organization_id
         join roles r on r.organization_id = i.organization_id and r.key = i.role
         join users u on u.id = i.invited_by
         where l.organization_id = $1 and (l.token_hash = $2 or l.copy_hash = $2)"
    ))
    .bind(token.digest())
    .bind(user)
    .optional()
    .await
}

/// The invitation `id` for `email`, as its holder sees it.
pub async fn find_waiting(
    tx: &mut OrgTx,
    id: InvitationId,
    email: &EmailAddress,
) -> Result<Option<Found>, sqlx::Error> {
    tx.query(sql!(
        "select i.id, cast(null as uuid) as link_id, false as proves_address,
                i.organization_id, o.name as organization, o.slug,
                o.deleted_at is not null as organization_deleted,
                o.suspended_at is not null as organization_suspended,
                i.email,
                r.name as role_name,
                r.rank > (select k.rank from roles k
                          where k.organization_id = $1 and k.key = 'member') as is_above_member,
                i.message, i.status, false as is_replaced, i.expires_at,
                u.name as inviter, i.requested_email, true as has_account,
                exists (select 1 from memberships m join users a on a.id = m.user_id
                        where m.organization_id = i.organization_id and a.email = i.email
                ) as is_member
         from invitations i
         join organizations o on o.id = i.organization_id
         join roles r on r.organization_id = i.organization_id and r.key = i.role
         join users u on u.id = i.invited_by
         where i.organization_id = $1 and i.id = $2 and i.email = $3"
    ))
    .bind(id)
    .bind(email)
    .optional()
    .await
}

/// An invitation as the members of its organization see it.
#[derive(Clone, Debug, FromRow)]
pub struct Invitation {
    pub id: InvitationId,
    pub email: EmailAddress,
    pub message: String,
    pub status: String,
    pub expires_at: Timestamp,
    pub invited_by: UserId,
    pub inviter: String,
    pub inviter_email: EmailAddress,
    /// Whether nobody signs in to the account that has sent it.
    pub inviter_suspended: bool,
    pub requested_email: Option<EmailAddress>,
    #[sqlx(flatten)]
    pub role: Role,
}

/// An invitation, in the audit log.
pub fn object(id: InvitationId, email: &EmailAddress) -> Object {
    Object::new(noun::KIND, id.uuid(), email.to_string())
}

impl Invitation {
    /// That `action` was done to this invitation.
    pub fn entry(&self, action: Action) -> Entry {
        Entry::new(action, object(self.id, &self.email))
    }

    /// Whether it waits for an answer, in time or not.
    pub fn is_pending(&self) -> bool {
        self.status == "pending"
    }
}

macro_rules! invitation {
    ($condition:literal) => {
        sql!(concat!(
            "select i.id, i.email, i.message, i.status, i.expires_at, i.invited_by,
                    u.name as inviter, u.email as inviter_email,
                    u.suspended_at is not null as inviter_suspended, i.requested_email,
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

/// The invitation for `email` that waits, in time or not.
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
            // The organization's own row: its id is the organization_id of all others.
            "select id as organization_id from organizations
             where id = $1 and suspended_at is not null"
        ))
        .optional()
        .await?;
    Ok(found.is_some())
}

/// Whether somebody with this address is a member.
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

/// What a new invitation says.
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
    .bind(draft.now.plus(super::model::LIFETIME))
    .execute()
    .await?;
    Ok(id)
}

/// Offers a waiting invitation anew: to `email`, from `inviter`, for another seven days.
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
    .bind(draft.now.plus(super::model::LIFETIME))
    .execute()
    .await?;
    Ok(())
}

/// What is stored of a link's two tokens.
pub struct LinkTokens {
    /// The digest of the one in the mail.
    pub mailed: Vec<u8>,
    /// The digest of the one that is shown to be copied.
    pub copied: Vec<u8>,
    /// That one, sealed.
    pub copied_sealed: Vec<u8>,
}

/// Replaces the links of an invitation by a new one.
pub async fn replace_link(
    tx: &mut OrgTx,
    invitation: InvitationId,
    link: InvitationLinkId,
    tokens: &LinkTokens,
    mail: MailId,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let replaced = tx
        .query(sql!(
            "update invitation_links set replaced_at = $3
             where organization_id = $1 and invitation_id = $2 and replaced_at is null"
        ))
        .bind(invitation)
        .bind(now)
        .execute()
        .await?;
    if replaced > 0 {
        withdraw_mails(tx, invitation).await?;
    }
    tx.query(sql!(
        "insert into invitation_links
            (organization_id, id, invitation_id, token_hash, copy_hash, copy_sealed, mail_id,
             created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)"
    ))
    .bind(link)
    .bind(invitation)
    .bind(&tokens.mailed)
    .bind(&tokens.copied)
    .bind(&tokens.copied_sealed)
    .bind(mail)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// How many links the organization has sent since `since`.
pub async fn links_since(tx: &mut OrgTx, since: Timestamp) -> Result<i64, sqlx::Error> {
    let (count,) = tx
        .query(sql!(
            "select count(*) from invitation_links where organization_id = $1 and created_at > $2"
        ))
        .bind(since)
        .one()
        .await?;
    Ok(count)
}

/// How many links an invitation got since then.
pub async fn links_of(
    tx: &mut OrgTx,
    invitation: InvitationId,
    since: Timestamp,
) -> Result<i64, sqlx::Error> {
    let (count,) = tx
        .query(sql!(
            "select count(*) from invitation_links
             where organization_id = $1 and invitation_id = $2 and created_at > $3"
        ))
        .bind(invitation)
        .bind(since)
        .one()
        .await?;
    Ok(count)
}

/// The newest link of an invitation, with the sealed token to be copied.
pub async fn newest_link(
    tx: &mut OrgTx,
    invitation: InvitationId,
) -> Result<Option<(InvitationLinkId, Vec<u8>)>, sqlx::Error> {
    tx.query(sql!(
        "select id, copy_sealed from invitation_links
         where organization_id = $1 and invitation_id = $2 and replaced_at is null"
    ))
    .bind(invitation)
    .optional()
    .await
}

/// Answers an invitation, if it still waits: of any number who try at once, one succeeds.
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

/// Removes mails with links of an invitation that have not left: they wait, or were not taken, and
/// would bring somebody a link that no longer works. One that is on its way just now is not stopped.
pub async fn withdraw_mails(tx: &mut OrgTx, id: InvitationId) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "delete from outbox
         where organization_id = $1 and status <> 'sent' and claimed_at is null and id in (
            select mail_id from invitation_links where organization_id = $1 and invitation_id = $2)"
    ))
    .bind(id)
    .execute()
    .await?;
    Ok(())
}

/// Notes that somebody asks to be invited as `email` instead, unless somebody has asked already;
/// says whether it did.
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
