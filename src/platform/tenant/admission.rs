//! Decides who may enter an organization, and how others are answered.

use axum::http::Uri;
use axum::http::request::Parts;

use super::current_org::{Membership, Organization};
use super::org_tx::OrgTx;
use super::permission::Permission;
#[cfg(feature = "prove")]
use super::role::Role;
use super::switcher::SwitcherEntry;
use super::unscoped::UnscopedTx;
use super::visit::{self, Visit};
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::error::{AppError, Result};
use crate::platform::ids::MembershipId;
#[cfg(feature = "prove")]
use crate::platform::ids::OrganizationId;
use crate::platform::session::{CurrentUser, return_path};

/// Somebody who may know that the organization exists, even if they cannot enter it.
pub(super) struct Admitted {
    pub organization: Organization,
    pub membership: Membership,
    pub visit: Option<Visit>,
    /// Why they cannot see anything of it, if so.
    pub lockout: Option<AppError>,
}

impl Admitted {
    pub fn member(entry: &SwitcherEntry, user: &CurrentUser, parts: &Parts) -> Self {
        let lockout = if entry.organization_suspended {
            let reason = entry.suspended_reason.clone().unwrap_or_default();
            Some(AppError::OrganizationSuspended { name: entry.name.clone(), reason })
        } else if entry.is_suspended {
            Some(AppError::MembershipSuspended { name: entry.name.clone() })
        } else {
            missing_factor(entry.requires_factor, user, parts)
        };
        Self {
            organization: Organization {
                id: entry.organization_id,
                name: entry.name.clone(),
                slug: entry.slug.clone(),
            },
            membership: Membership { id: entry.membership_id, role: entry.role.clone() },
            visit: None,
            lockout,
        }
    }

    /// The person who asks, as an owner: used while a proof runs without the membership check.
    #[cfg(feature = "prove")]
    pub async fn for_a_proof(tx: &mut UnscopedTx, slug: &str) -> Result<Self> {
        let found: Option<(OrganizationId, String)> = tx
            .query(unscoped_sql!("select id, name from organizations where slug = $1"))
            .bind(slug)
            .optional()
            .await?;
        let (id, name) = found.ok_or(AppError::NotFound)?;
        let role = Role {
            key: super::role::RoleKey::from("owner".to_owned()),
            name: "Owner".to_owned(),
            description: String::new(),
            rank: 40,
            permissions: Permission::all().iter().copied().collect(),
        };
        Ok(Self {
            organization: Organization { id, name, slug: slug.to_owned() },
            membership: Membership { id: MembershipId::NONE, role },
            visit: None,
            lockout: None,
        })
    }

    pub fn operator(found: visit::Found, user: &CurrentUser, parts: &Parts) -> Self {
        let visit::Found { visit, organization_id, name, slug, requires_factor } = found;
        Self {
            lockout: missing_factor(requires_factor, user, parts),
            organization: Organization { id: organization_id, name, slug },
            membership: Membership { id: MembershipId::NONE, role: visit.role() },
            visit: Some(visit),
        }
    }
}

/// The error for somebody without a second factor, if the organization requires one.
fn missing_factor(is_required: bool, user: &CurrentUser, parts: &Parts) -> Option<AppError> {
    (is_required && !user.has_factor).then(|| AppError::FactorRequired { next: return_path(parts) })
}

/// The address with the slug in lower case, if it was typed with capitals.
pub(super) fn in_small_letters(slug: &str, uri: &Uri) -> Option<String> {
    let small = slug.to_ascii_lowercase();
    let is_plain = small.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if small == slug || !is_plain {
        return None;
    }
    let rest = uri.path().splitn(4, '/').nth(3).map(|rest| format!("/{rest}")).unwrap_or_default();
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    Some(format!("/orgs/{small}{rest}{query}"))
}

/// The answer for a slug at which the person belongs to no organization: a redirect if it is an
/// earlier slug of an organization of theirs, and "not found" otherwise.
pub(super) async fn elsewhere(
    tx: &mut UnscopedTx,
    user: &CurrentUser,
    slug: &str,
    uri: &Uri,
) -> Result<AppError> {
    let renamed: Option<(String,)> = tx
        .query(unscoped_sql!(
            "select o.slug
             from organization_slugs s
             join organizations o on o.id = s.organization_id and o.deleted_at is null
             join memberships m on m.organization_id = o.id and m.user_id = $2
             where s.slug = $1 and o.slug <> $1"
        ))
        .bind(slug)
        .bind(user.id)
        .optional()
        .await?;
    Ok(match renamed {
        Some((new,)) => {
            let rest = uri.path().strip_prefix(&format!("/orgs/{slug}")).unwrap_or_default();
            let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
            AppError::Moved(format!("/orgs/{new}{rest}{query}"))
        }
        None => AppError::NotFound,
    })
}

/// The 403 for a member without `permission`, with the names of members who have it.
pub(super) async fn forbidden(tx: &mut OrgTx, permission: Permission) -> Result<AppError> {
    let helpers: Vec<(String,)> = tx
        .query(sql!(
            "select u.name
             from memberships m
             join roles r on r.organization_id = m.organization_id and r.key = m.role
             join users u on u.id = m.user_id
             where m.organization_id = $1 and m.suspended_at is null
                and (' ' || r.permissions || ' ' like $2 or $3 like '% ' || r.key || ' %')
             order by r.rank desc, m.created_at
             limit 3"
        ))
        .bind(format!("% {} %", permission.word()))
        .bind(format!(" {} ", permission.built_in().join(" ")))
        .all()
        .await?;
    let helpers = helpers.into_iter().map(|(name,)| name).collect();
    Ok(AppError::Forbidden { what: permission.does(), helpers })
}
