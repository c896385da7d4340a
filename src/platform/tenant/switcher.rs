//! A person's organizations and pending invitations: one statement that both checks membership of
//! the organization in the path and fills the switcher on the page.

use std::sync::Arc;

use super::role::Role;
use super::unscoped::UnscopedTx;
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::{UnscopedSql, unscoped_sql};
use crate::platform::email::EmailAddress;
use crate::platform::ids::{InvitationId, MembershipId, OrganizationId, UserId};
use crate::platform::session::CurrentUser;
use crate::platform::web::Section;

/// How many organizations the switcher shows before it offers a search.
pub const SHOWN: usize = 7;

/// The largest number of organization names that is returned.
const NAMES: i64 = 200;

/// The content of the switcher: the person's organizations and pending invitations.
#[derive(Clone, Debug, Default)]
pub struct Switcher {
    /// At most [`SHOWN`], the current one first and the others by name.
    pub organizations: Vec<SwitcherEntry>,
    /// The total number of organizations.
    pub total: i64,
    /// Open invitations to the person's address; filled only once the address is confirmed.
    pub invitations: Vec<WaitingInvitation>,
    /// Whether there are invitations that are hidden until the address is confirmed.
    pub awaits_proof: bool,
}

impl Switcher {
    /// Whether there are more organizations than shown.
    pub fn is_searchable(&self) -> bool {
        self.total > SHOWN as i64
    }

    /// The organization with this identifier, or the first one that the person can open.
    pub fn last(&self, id: Option<OrganizationId>) -> Option<&SwitcherEntry> {
        let mut open = self.organizations.iter().filter(|entry| !entry.is_closed());
        open.clone().find(|entry| Some(entry.organization_id) == id).or_else(|| open.next())
    }
}

/// One of the person's organizations.
#[derive(Clone, Debug, FromRow)]
pub struct SwitcherEntry {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The person's membership in it.
    pub membership_id: MembershipId,
    /// Its name.
    pub name: String,
    /// Its slug.
    pub slug: String,
    /// The number of its members.
    pub member_count: i64,
    /// Whether the person's membership is suspended.
    pub is_suspended: bool,
    /// Whether the organization is suspended.
    pub organization_suspended: bool,
    /// Why the organization is suspended, in the operator's words.
    pub suspended_reason: Option<String>,
    /// Whether it requires a second factor.
    pub requires_factor: bool,
    /// The person's role in it.
    #[sqlx(flatten)]
    pub role: Role,
}

impl SwitcherEntry {
    /// The path to switch to: the same `section` if the person's role there can open it.
    pub fn path(&self, section: &Section) -> String {
        match section.needs {
            Some(permission) if !self.role.can(permission) => format!("/orgs/{}", self.slug),
            _ => format!("/orgs/{}{}", self.slug, section.path),
        }
    }

    /// Whether the person cannot open it, because it or their membership is suspended.
    pub fn is_closed(&self) -> bool {
        self.is_suspended || self.organization_suspended
    }

    /// Whether this is the organization at `slug`.
    pub fn is_at(&self, slug: &str) -> bool {
        self.slug == slug
    }
}

/// A pending invitation for the signed-in person.
#[derive(Clone, Debug)]
pub struct WaitingInvitation {
    /// The invitation.
    pub id: InvitationId,
    /// The organization's name.
    pub organization: String,
    /// The name of the offered role.
    pub role: String,
}

/// A row of the statement: a membership, or an invitation if the membership is missing.
#[derive(FromRow)]
struct MineRow {
    invitation_id: Option<InvitationId>,
    membership_id: Option<MembershipId>,
    organization_id: OrganizationId,
    name: String,
    slug: String,
    member_count: i64,
    is_suspended: bool,
    organization_suspended: bool,
    suspended_reason: Option<String>,
    requires_factor: bool,
    total: i64,
    #[sqlx(flatten)]
    role: Role,
}

/// The organization that comes first: the one of the page, or the last one visited.
#[derive(Clone, Copy, Debug)]
pub enum Before<'a> {
    /// By its slug.
    Slug(&'a str),
    /// By its identifier, if there is one.
    Id(Option<OrganizationId>),
}

/// Loads the switcher of `user`.
pub async fn load(
    tx: &mut UnscopedTx,
    user: &CurrentUser,
    before: Before<'_>,
    now: Timestamp,
) -> Result<Switcher, sqlx::Error> {
    let (slug, id) = match before {
        Before::Slug(slug) => (slug, None),
        Before::Id(id) => ("", id),
    };
    let rows = tx
        .query(unscoped_sql!(
            "select * from (
                select cast(null as uuid) as invitation_id, m.id as membership_id,
                       o.id as organization_id, o.name, o.slug, o.member_count,
                       m.suspended_at is not null as is_suspended,
                       o.suspended_at is not null as organization_suspended, o.suspended_reason,
                       o.requires_factor,
                       (select count(*) from memberships c
                        join organizations d on d.id = c.organization_id
                        where c.user_id = $1 and d.deleted_at is null) as total,
                       r.key as role_key, r.name as role_name,
                       r.description as role_description, r.rank as role_rank,
                       r.permissions as role_permissions
                from memberships m
                join organizations o on o.id = m.organization_id and o.deleted_at is null
                join roles r on r.organization_id = m.organization_id and r.key = m.role
                where m.user_id = $1
                order by case when o.slug = $2 or o.id = $6 then 0 else 1 end, o.name_key, o.id
                limit $5
             ) mine
             union all
             select * from (
                select i.id, cast(null as uuid), o.id, o.name, o.slug, 0, false, false,
                       cast(null as text), false, 0, r.key, r.name, r.description, r.rank, r.permissions
                from invitations i
                join organizations o on o.id = i.organization_id and o.deleted_at is null
                join roles r on r.organization_id = i.organization_id and r.key = i.role
                where i.email = $3 and i.status = 'pending' and i.expires_at > $4
                order by i.created_at, i.id
                limit 20
             ) waiting"
        ))
        .bind(user.id)
        .bind(slug)
        .bind(&user.email)
        .bind(now)
        .bind(SHOWN as i64)
        .bind(id)
        .all::<MineRow>()
        .await?;
    let mut switcher = collect(rows);
    if !user.is_verified() {
        // Anybody can sign up with any address, so only its confirmed owner learns who invited it.
        switcher.awaits_proof = !switcher.invitations.is_empty();
        switcher.invitations.clear();
    }
    Ok(switcher)
}

/// Loads the switcher of `user` for a page outside organizations.
pub(in crate::platform) async fn outside(
    tx: &mut UnscopedTx,
    user: &CurrentUser,
    now: Timestamp,
) -> Result<Arc<Switcher>, sqlx::Error> {
    Ok(Arc::new(load(tx, user, Before::Id(user.last_organization_id), now).await?))
}

fn collect(rows: Vec<MineRow>) -> Switcher {
    let mut switcher = Switcher::default();
    for row in rows {
        if let Some(id) = row.invitation_id {
            switcher.invitations.push(WaitingInvitation {
                id,
                organization: row.name,
                role: row.role.name,
            });
        } else if let Some(membership_id) = row.membership_id {
            switcher.total = row.total;
            switcher.organizations.push(SwitcherEntry {
                organization_id: row.organization_id,
                membership_id,
                name: row.name,
                slug: row.slug,
                member_count: row.member_count,
                is_suspended: row.is_suspended,
                organization_suspended: row.organization_suspended,
                suspended_reason: row.suspended_reason,
                requires_factor: row.requires_factor,
                role: row.role,
            });
        }
    }
    switcher
}

/// The person's organizations whose name or address contains `search`, by name; all if it is empty.
pub async fn search(
    tx: &mut UnscopedTx,
    user: &CurrentUser,
    search: &str,
    limit: i64,
) -> Result<Vec<SwitcherEntry>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select m.id as membership_id, o.id as organization_id, o.name, o.slug, o.member_count,
                m.suspended_at is not null as is_suspended,
                o.suspended_at is not null as organization_suspended, o.suspended_reason,
                o.requires_factor,
                r.key as role_key, r.name as role_name, r.description as role_description,
                r.rank as role_rank, r.permissions as role_permissions
         from memberships m
         join organizations o on o.id = m.organization_id and o.deleted_at is null
         join roles r on r.organization_id = m.organization_id and r.key = m.role
         where m.user_id = $1 and (o.name_key like $2 escape '\\' or o.slug like $2 escape '\\')
         order by o.name_key, o.id
         limit $3"
    ))
    .bind(user.id)
    .bind(crate::platform::db::like_pattern(search))
    .bind(limit)
    .all()
    .await
}

macro_rules! names {
    ($condition:literal) => {
        unscoped_sql!(concat!(
            "select o.name from memberships m
             join organizations o on o.id = m.organization_id and o.deleted_at is null
             where m.user_id = $1",
            $condition,
            " order by o.name_key, o.id
             limit $2"
        ))
    };
}

/// The names of the organizations that the person belongs to.
pub async fn organization_names(
    app: &App,
    user: UserId,
    email: EmailAddress,
) -> crate::platform::error::Result<Vec<String>> {
    names_of(app, user, email, names!("")).await
}

/// The names of the person's organizations that require a second factor.
pub async fn names_that_require_a_factor(
    app: &App,
    user: UserId,
    email: EmailAddress,
) -> crate::platform::error::Result<Vec<String>> {
    names_of(app, user, email, names!(" and o.requires_factor")).await
}

async fn names_of(
    app: &App,
    user: UserId,
    email: EmailAddress,
    statement: UnscopedSql,
) -> crate::platform::error::Result<Vec<String>> {
    let mut tx = UnscopedTx::read_of(app, user, email).await?;
    let names: Vec<(String,)> = tx.query(statement).bind(user).bind(NAMES).all().await?;
    tx.commit().await?;
    Ok(names.into_iter().map(|(name,)| name).collect())
}
