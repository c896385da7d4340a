//! An operator's visit to an organization: for a written reason, for at most an hour, and read-only
//! unless requested otherwise.

use super::org_tx::{Actor, OrgTx};
use super::permission::{Permission, Visits};
use super::role::{Role, RoleKey};
use super::unscoped::UnscopedTx;
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::email::EmailAddress;
use crate::platform::ids::{MembershipId, OrganizationId, SignInId, UserId, VisitId};
use crate::platform::session::CurrentUser;

/// A running visit.
#[derive(Clone, Debug, FromRow)]
pub struct Visit {
    /// Its identifier.
    pub id: VisitId,
    /// Why the operator visits.
    pub reason: String,
    /// Whether the operator may make changes.
    pub may_write: bool,
    /// When it ends by itself.
    pub ends_at: Timestamp,
}

/// A visit, with its organization.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Found {
    #[sqlx(flatten)]
    pub visit: Visit,
    pub organization_id: OrganizationId,
    pub name: String,
    pub slug: String,
    pub requires_factor: bool,
}

impl Visit {
    /// The operator's role during the visit: it can see everything and, if the visit allows
    /// changes, change what an owner could.
    pub(super) fn role(&self) -> Role {
        let includes = |permission: &Permission| match permission.visits() {
            Visits::Reading => true,
            Visits::Writing => self.may_write,
            Visits::Never => false,
        };
        let permissions = Permission::all().iter().copied().filter(includes).collect();
        Role {
            key: RoleKey::from("operator".to_owned()),
            name: "Operator".to_owned(),
            description: "Runs this installation.".to_owned(),
            rank: if self.may_write { 40 } else { 0 },
            permissions,
        }
    }

    /// Why the visit does not include a permission.
    pub(super) fn refusal(&self) -> &'static str {
        match self.may_write {
            true => {
                "Operators can't invite people, because invitations are valid only while their \
                 sender is a member."
            }
            false => ONLY_LOOKS,
        }
    }
}

/// Why a read-only visit cannot make changes.
pub(super) const ONLY_LOOKS: &str = "You're visiting as an operator with read-only access. End the \
                                     visit and enter again with write access.";

/// The running visit of `user` to the organization at `slug`, if any.
pub(super) async fn find(
    tx: &mut UnscopedTx,
    user: &CurrentUser,
    slug: &str,
    now: Timestamp,
) -> Result<Option<Found>, sqlx::Error> {
    if !user.is_operator {
        return Ok(None);
    }
    tx.query(unscoped_sql!(
        "select v.id, v.reason, v.may_write, v.ends_at, o.id as organization_id, o.name, o.slug,
                o.requires_factor
         from operator_visits v
         join operators p on p.user_id = v.user_id
         join organizations o on o.id = v.organization_id and o.deleted_at is null
         where v.user_id = $1 and o.slug = $2 and v.ended_at is null and v.ends_at > $3
         order by v.ends_at desc
         limit 1"
    ))
    .bind(user.id)
    .bind(slug)
    .bind(now)
    .optional()
    .await
}

/// A running visit, with what is needed to end it.
#[derive(Clone, Debug, FromRow)]
pub struct RunningVisit {
    /// Its identifier.
    pub id: VisitId,
    /// The organization that is visited.
    pub organization_id: OrganizationId,
    /// The organization's name.
    pub organization: String,
}

/// A person's running visits, to any organization.
pub async fn running_visits(
    app: &App,
    user: UserId,
    email: EmailAddress,
    now: Timestamp,
) -> Result<Vec<RunningVisit>, sqlx::Error> {
    let mut tx = UnscopedTx::read_of(app, user, email).await?;
    tx.query(unscoped_sql!(
        "select v.id, v.organization_id, o.name as organization
         from operator_visits v
         join organizations o on o.id = v.organization_id
         where v.user_id = $1 and v.ended_at is null and v.ends_at > $2
         order by v.id
         limit 1000"
    ))
    .bind(user)
    .bind(now)
    .all()
    .await
}

/// The number of organizations that a person belongs to.
pub async fn count_memberships(
    app: &App,
    user: UserId,
    email: EmailAddress,
) -> Result<i64, sqlx::Error> {
    let mut tx = UnscopedTx::read_of(app, user, email).await?;
    let (count,) = tx
        .query(unscoped_sql!(
            "select count(*)
             from memberships m
             join organizations o on o.id = m.organization_id and o.deleted_at is null
             where m.user_id = $1"
        ))
        .bind(user)
        .one()
        .await?;
    Ok(count)
}

#[derive(FromRow)]
struct Held {
    user_id: UserId,
}

/// The operator as an actor; `None` if the visit, its right to make changes or the sign-in has
/// ended. None of these can end before this transaction does.
pub(super) async fn actor(
    tx: &mut OrgTx,
    visit: &Visit,
    sign_in: SignInId,
    now: Timestamp,
) -> Result<Option<Actor>, sqlx::Error> {
    // The two texts differ in their last line: on SQLite this transaction is the only writer.
    const HELD: &str = "select v.user_id
             from operator_visits v
             join operators p on p.user_id = v.user_id
             join organizations o on o.id = v.organization_id and o.deleted_at is null
             join sign_ins s on s.user_id = v.user_id and s.id = $3 and s.ended_at is null
             where v.organization_id = $1 and v.id = $2 and v.may_write
                and v.ended_at is null and v.ends_at > $4";
    let held: Option<Held> = tx
        .query(sql!(
            sqlite: HELD,
            postgres: "select v.user_id
             from operator_visits v
             join operators p on p.user_id = v.user_id
             join organizations o on o.id = v.organization_id and o.deleted_at is null
             join sign_ins s on s.user_id = v.user_id and s.id = $3 and s.ended_at is null
             where v.organization_id = $1 and v.id = $2 and v.may_write
                and v.ended_at is null and v.ends_at > $4
             for share of s, v",
        ))
        .bind(visit.id)
        .bind(sign_in)
        .bind(now)
        .optional()
        .await?;
    Ok(held.map(|held| Actor {
        user_id: held.user_id,
        membership_id: MembershipId::NONE,
        role: visit.role(),
    }))
}
