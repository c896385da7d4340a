//! An invitation as the invited person finds it: by its link, or by their address.

use crate::core::invitations::model::Status;
use crate::core::invitations::noun::InvitationLinkId;
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::email::EmailAddress;
use crate::platform::ids::{InvitationId, OrganizationId, UserId};
use crate::platform::secrets::Token;
use crate::platform::tenant::{OrgTx, UnscopedTx};

/// An invitation as its link finds it.
#[derive(Clone, Debug, FromRow)]
pub struct Found {
    pub id: InvitationId,
    /// The link it was found by, if any.
    pub link_id: Option<InvitationLinkId>,
    /// Whether the link confirms the address, because it came by email.
    pub proves_address: bool,
    pub organization_id: OrganizationId,
    pub organization: String,
    pub slug: String,
    pub organization_deleted: bool,
    pub organization_suspended: bool,
    pub email: EmailAddress,
    pub role_name: String,
    /// Whether the offered role is above "member".
    pub is_above_member: bool,
    pub message: String,
    pub status: Status,
    pub is_replaced: bool,
    pub expires_at: Timestamp,
    pub inviter: String,
    /// The address that somebody has asked to have it changed to.
    pub requested_email: Option<EmailAddress>,
    /// Whether the invited address has an account.
    pub has_account: bool,
    /// Whether the signed-in person is already a member.
    pub is_member: bool,
}

/// The organization of a link's token. The look-up is outside organizations, because the holder of
/// the token is not in one yet.
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

/// The organization of the invitation `id` for `email`, for the owner of the address.
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

/// The invitation of a link, as `user` sees it.
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

/// The invitation `id` for `email`, as the owner of the address sees it.
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
