//! The statements about join links.

use super::model::Ended;
use super::noun::{self, JoinLinkId};
use crate::platform::audit::{Action, Entry, Object};
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::domains::Domains;
use crate::platform::email::EmailAddress;
use crate::platform::ids::{OrganizationId, UserId};
use crate::platform::secrets::Token;
use crate::platform::tenant::{OrgTx, Role, RoleKey, UnscopedTx};

/// A join link, with its organization.
#[derive(Clone, Debug, FromRow)]
pub struct JoinLink {
    pub id: JoinLinkId,
    /// The token, sealed.
    pub sealed_token: Vec<u8>,
    /// The domains of the addresses that can join; empty for any.
    pub domains: Domains,
    /// How many people can join with it; `None` for any number.
    pub max_uses: Option<i64>,
    /// How many have joined with it.
    pub uses: i64,
    pub made_by: UserId,
    pub maker: String,
    pub maker_email: EmailAddress,
    pub expires_at: Timestamp,
    pub ended_as: Option<Ended>,
    pub organization: String,
    pub slug: String,
    pub organization_deleted: bool,
    pub organization_suspended: bool,
    #[sqlx(flatten)]
    pub role: Role,
}

impl JoinLink {
    /// How many more people can join with it; `None` for any number.
    pub fn left(&self) -> Option<i64> {
        self.max_uses.map(|most| (most - self.uses).max(0))
    }

    /// The audit log's entry that `action` was done to this link.
    pub fn entry(&self, action: Action) -> Entry {
        entry(action, self.id, &self.role.name)
    }
}

/// The link for the role with this name, as an object in the audit log.
pub fn object(id: JoinLinkId, role: &str) -> Object {
    Object::new(noun::KIND, id.uuid(), role)
}

/// The audit log's entry that `action` was done to the link `id` for the role with this name.
pub fn entry(action: Action, id: JoinLinkId, role: &str) -> Entry {
    Entry::new(action, object(id, role))
}

macro_rules! join_link {
    ($condition:literal) => {
        sql!(concat!(
            "select l.id, l.sealed_token, l.domains, l.max_uses, l.uses, l.made_by,
                    u.name as maker, u.email as maker_email, l.expires_at, l.ended_as,
                    o.name as organization, o.slug,
                    o.deleted_at is not null as organization_deleted,
                    o.suspended_at is not null as organization_suspended,
                    r.key as role_key, r.name as role_name, r.description as role_description,
                    r.rank as role_rank, r.permissions as role_permissions
             from join_links l
             join organizations o on o.id = l.organization_id
             join users u on u.id = l.made_by
             join roles r on r.organization_id = l.organization_id and r.key = l.role
             where l.organization_id = $1 and ",
            $condition
        ))
    };
}

/// The organization of a link's token. The look-up is outside organizations, because the holder of
/// the token is not in one yet.
pub async fn locate(
    tx: &mut UnscopedTx,
    token: &Token,
) -> Result<Option<OrganizationId>, sqlx::Error> {
    tx.present(token).await?;
    let found: Option<(OrganizationId,)> = tx
        .query(unscoped_sql!("select organization_id from join_links where token_hash = $1"))
        .bind(token.digest())
        .optional()
        .await?;
    Ok(found.map(|(id,)| id))
}

/// The link with this token, in whatever state.
pub async fn find_by_token(tx: &mut OrgTx, token: &Token) -> Result<Option<JoinLink>, sqlx::Error> {
    tx.query(join_link!("l.token_hash = $2")).bind(token.digest()).optional().await
}

/// The link `id`, in whatever state.
pub async fn find(tx: &mut OrgTx, id: JoinLinkId) -> Result<Option<JoinLink>, sqlx::Error> {
    tx.query(join_link!("l.id = $2")).bind(id).optional().await
}

/// The newest link, in whatever state.
pub async fn newest(tx: &mut OrgTx) -> Result<Option<JoinLink>, sqlx::Error> {
    tx.query(join_link!("true order by l.id desc limit 1")).optional().await
}

/// The link that was not ended, even if it has expired.
pub async fn current(tx: &mut OrgTx) -> Result<Option<JoinLink>, sqlx::Error> {
    tx.query(join_link!("l.ended_at is null")).optional().await
}

/// The number of links that the organization has made since `since`.
pub async fn made_since(tx: &mut OrgTx, since: Timestamp) -> Result<i64, sqlx::Error> {
    let (count,) = tx
        .query(sql!(
            "select count(*) from join_links where organization_id = $1 and created_at > $2"
        ))
        .bind(since)
        .one()
        .await?;
    Ok(count)
}

/// The data of a new link.
pub struct Draft<'a> {
    pub id: JoinLinkId,
    /// The digest of its token.
    pub token_hash: Vec<u8>,
    /// The token, sealed.
    pub sealed_token: Vec<u8>,
    pub role: &'a RoleKey,
    pub domains: &'a Domains,
    pub max_uses: Option<i64>,
    pub made_by: UserId,
    pub now: Timestamp,
    pub expires_at: Timestamp,
}

pub async fn insert(tx: &mut OrgTx, draft: Draft<'_>) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "insert into join_links
            (organization_id, id, token_hash, sealed_token, role, domains, max_uses, uses, made_by,
             created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10)"
    ))
    .bind(draft.id)
    .bind(draft.token_hash)
    .bind(draft.sealed_token)
    .bind(draft.role)
    .bind(draft.domains)
    .bind(draft.max_uses)
    .bind(draft.made_by)
    .bind(draft.now)
    .bind(draft.expires_at)
    .execute()
    .await?;
    Ok(())
}

/// Ends the link `id`, unless it has been ended already.
pub async fn end(
    tx: &mut OrgTx,
    id: JoinLinkId,
    ended_as: Ended,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let ended = tx
        .query(sql!(
            "update join_links set ended_at = $3, ended_as = $4
             where organization_id = $1 and id = $2 and ended_at is null"
        ))
        .bind(id)
        .bind(now)
        .bind(ended_as)
        .execute()
        .await?;
    Ok(ended == 1)
}

/// Counts one more person who joins with the link `id`; `false` if no more may.
pub async fn use_up(tx: &mut OrgTx, id: JoinLinkId, now: Timestamp) -> Result<bool, sqlx::Error> {
    let used = tx
        .query(sql!(
            "update join_links set uses = uses + 1
             where organization_id = $1 and id = $2 and ended_at is null and expires_at > $3
                and (max_uses is null or uses < max_uses)"
        ))
        .bind(id)
        .bind(now)
        .execute()
        .await?;
    Ok(used == 1)
}
