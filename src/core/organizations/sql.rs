//! The statements about organizations.

use std::collections::HashSet;

use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::ids::{MembershipId, OrganizationId, PictureId, UserId};
use crate::platform::tenant::{OrgTx, UnscopedTx};
use crate::platform::text::name_key;

pub(super) async fn insert(
    tx: &mut OrgTx,
    name: &str,
    slug: &str,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        // The organization's own row: its id is the `organization_id` of all others.
        "insert into organizations (id, name, name_key, slug, created_at)
         values ($1, $2, $3, $4, $5)
         returning id as organization_id"
    ))
    .bind(name)
    .bind(name_key(name))
    .bind(slug)
    .bind(now)
    .one::<(OrganizationId,)>()
    .await?;
    Ok(())
}

/// How many organizations the person has created, or joined as an owner, since then.
pub(super) async fn owned_since(
    tx: &mut UnscopedTx,
    user: UserId,
    since: Timestamp,
) -> Result<i64, sqlx::Error> {
    let (count,) = tx
        .query(unscoped_sql!(
            "select count(*) from memberships
             where user_id = $1 and role = 'owner' and created_at > $2"
        ))
        .bind(user)
        .bind(since)
        .one()
        .await?;
    Ok(count)
}

/// Reserves `slug` for this organization forever, unless it is already.
pub(super) async fn claim_slug(
    tx: &mut OrgTx,
    slug: &str,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let (own,): (i64,) = tx
        .query(sql!(
            "select count(*) from organization_slugs where organization_id = $1 and slug = $2"
        ))
        .bind(slug)
        .one()
        .await?;
    if own == 0 {
        tx.query(sql!(
            "insert into organization_slugs (organization_id, slug, created_at) values ($1, $2, $3)"
        ))
        .bind(slug)
        .bind(now)
        .execute()
        .await?;
    }
    Ok(())
}

pub(super) async fn update(tx: &mut OrgTx, name: &str, slug: &str) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "update organizations set name = $2, name_key = $3, slug = $4 where id = $1
         returning id as organization_id"
    ))
    .bind(name)
    .bind(name_key(name))
    .bind(slug)
    .one::<(OrganizationId,)>()
    .await?;
    Ok(())
}

/// Whether the organization requires a second factor.
pub(super) async fn requires_factor(tx: &mut OrgTx) -> Result<bool, sqlx::Error> {
    let (required, _): (bool, OrganizationId) = tx
        .query(sql!(
            "select requires_factor, id as organization_id from organizations where id = $1"
        ))
        .one()
        .await?;
    Ok(required)
}

pub(super) async fn set_requires_factor(tx: &mut OrgTx, required: bool) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "update organizations set requires_factor = $2 where id = $1
         returning id as organization_id"
    ))
    .bind(required)
    .one::<(OrganizationId,)>()
    .await?;
    Ok(())
}

/// Marks the organization as deleted, so that nobody can reach it any more. Its rows stay.
pub(super) async fn set_deleted(tx: &mut OrgTx, now: Timestamp) -> Result<String, sqlx::Error> {
    let (name, _): (String, OrganizationId) = tx
        .query(sql!(
            "update organizations set deleted_at = $2 where id = $1
             returning name, id as organization_id"
        ))
        .bind(now)
        .one()
        .await?;
    tx.query(sql!(
        "update invitations set status = 'revoked', answered_at = $2
         where organization_id = $1 and status = 'pending'"
    ))
    .bind(now)
    .execute()
    .await?;
    tx.query(sql!(
        "update join_links set ended_at = $2, ended_as = 'withdrawn'
         where organization_id = $1 and ended_at is null"
    ))
    .bind(now)
    .execute()
    .await?;
    Ok(name)
}

/// The slugs beginning with `base` that any organization has or had.
pub(super) async fn taken_slugs(
    tx: &mut UnscopedTx,
    base: &str,
) -> Result<HashSet<String>, sqlx::Error> {
    let slugs: Vec<(String,)> = tx
        .query(unscoped_sql!(
            "select slug from organization_slugs where slug >= $1 and slug < $2 limit 1000"
        ))
        .bind(base)
        // The character after "z" in ASCII: the range contains everything that begins with the
        // base.
        .bind(format!("{base}{{"))
        .all()
        .await?;
    Ok(slugs.into_iter().map(|(slug,)| slug).collect())
}

/// The figures of the overview.
#[derive(Debug, FromRow)]
pub(super) struct Figures {
    pub members: i64,
    pub pending: i64,
    pub invitations: i64,
    /// Whether the viewer has put away the first steps.
    pub has_dismissed_steps: bool,
}

pub(super) async fn figures(
    tx: &mut OrgTx,
    viewer: MembershipId,
    now: Timestamp,
) -> Result<Figures, sqlx::Error> {
    tx.query(sql!(
        "select (select count(*) from memberships where organization_id = $1) as members,
                (select count(*) from invitations
                 where organization_id = $1 and status = 'pending' and expires_at > $2
                ) as pending,
                (select count(*) from invitations where organization_id = $1) as invitations,
                exists (select 1 from memberships where organization_id = $1 and id = $3
                            and steps_dismissed_at is not null) as has_dismissed_steps"
    ))
    .bind(now)
    .bind(viewer)
    .one()
    .await
}

/// Puts away the first steps of a member.
pub(super) async fn dismiss_steps(
    tx: &mut OrgTx,
    member: MembershipId,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "update memberships set steps_dismissed_at = $3 where organization_id = $1 and id = $2"
    ))
    .bind(member)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Somebody who has joined lately.
#[derive(Debug, FromRow)]
pub(super) struct Newcomer {
    pub id: MembershipId,
    pub name: String,
    pub picture: Option<PictureId>,
    pub created_at: Timestamp,
}

/// The members who joined since then, the latest first.
pub(super) async fn newcomers(
    tx: &mut OrgTx,
    viewer: MembershipId,
    since: Timestamp,
) -> Result<Vec<Newcomer>, sqlx::Error> {
    tx.query(sql!(
        "select m.id, u.name, m.created_at,
                (select q.id from pictures q where q.user_id = m.user_id) as picture
         from memberships m
         join users u on u.id = m.user_id
         where m.organization_id = $1 and m.id <> $2 and m.created_at > $3
         order by m.created_at desc, m.id
         limit 5"
    ))
    .bind(viewer)
    .bind(since)
    .all()
    .await
}

/// The slug of one of the person's organizations that they can open: the last visited one if
/// possible.
pub(super) async fn landing(
    tx: &mut UnscopedTx,
    user: crate::platform::ids::UserId,
    last: Option<OrganizationId>,
) -> Result<Option<String>, sqlx::Error> {
    let slug: Option<(String,)> = tx
        .query(unscoped_sql!(
            "select o.slug
             from memberships m
             join organizations o on o.id = m.organization_id
             where m.user_id = $1 and m.organization_id = $2 and m.suspended_at is null
                and o.deleted_at is null and o.suspended_at is null"
        ))
        .bind(user)
        .bind(last)
        .optional()
        .await?;
    Ok(slug.map(|(slug,)| slug))
}
