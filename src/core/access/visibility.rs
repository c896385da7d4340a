//! Which projects a viewer can see. For people who cannot see a project, it does not exist: every
//! statement about projects, or what belongs to them, contains [`visible!`], or says why it need
//! not.

use super::role::ProjectRole;
use crate::core::access::noun::{CreateProjects, ManageProjects, ViewAllProjects};
use crate::platform::db::Query;
use crate::platform::db::statement::TenantSql;
use crate::platform::ids::MembershipId;
use crate::platform::list::ScopeOf;
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::permission::Proof;
use crate::platform::tenant::{Actor, CurrentOrg, OrgTx, Role};

/// The condition that the project with the alias `$p` is not deleted and the viewer can see it.
/// `$2` says whether the viewer can see every project, `$3` is the viewer's membership:
/// [`Viewer::query`] binds both.
macro_rules! visible {
    ($p:literal) => {
        concat!(
            "(",
            $p,
            ".deleted_at is null and ",
            $crate::core::access::visible!(even deleted $p),
            ")"
        )
    };
    (even deleted $p:literal) => {
        concat!(
            "($2 or not ",
            $p,
            ".is_restricted or exists (
                select 1 from project_members v
                where v.organization_id = $1 and v.project_id = ",
            $p,
            ".id and v.membership_id = $3))"
        )
    };
}
pub(crate) use visible;

/// The text of [`visible!`] for the project `p`, deleted or not: a test looks for it in every
/// statement that reads what belongs to a project, unless the statement says why it need not
/// contain it.
pub const VISIBLE: &str = visible!(even deleted "p");

/// Somebody who looks at projects.
#[derive(Clone, Copy, Debug)]
pub struct Viewer {
    membership: MembershipId,
    sees_all: bool,
    leads_all: bool,
    works: bool,
}

impl<P: Proof> ScopeOf<CurrentOrg<P>> for Viewer {
    fn of(org: &CurrentOrg<P>) -> Self {
        Self::of(org)
    }
}

impl Viewer {
    /// The sender of the request.
    pub fn of(org: &Context) -> Self {
        Self::with(org.membership.id, &org.membership.role)
    }

    /// The actor, with their role as read inside the transaction.
    pub fn acting(actor: &Actor) -> Self {
        Self::with(actor.membership_id, &actor.role)
    }

    /// A member with this role in the organization.
    pub fn with(membership: MembershipId, role: &Role) -> Self {
        Self {
            membership,
            sees_all: role.can(ViewAllProjects::PERMISSION) || role.can(ManageProjects::PERMISSION),
            leads_all: role.can(ManageProjects::PERMISSION),
            works: role.can(CreateProjects::PERMISSION),
        }
    }

    /// The value of `$2` in [`visible!`]: whether the viewer can see every project.
    pub fn sees_all(self) -> bool {
        self.sees_all
    }

    /// The value of `$3` in [`visible!`]: the viewer's membership.
    pub fn membership(self) -> MembershipId {
        self.membership
    }

    /// A statement that contains [`visible!`]; the caller binds the values after `$3`.
    pub fn query<'q>(self, tx: &'q mut OrgTx, sql: TenantSql) -> Query<'q> {
        tx.query(sql).bind(self.sees_all).bind(self.membership)
    }

    /// The viewer's effective role in a project; `own` is their role as its member, if any. `None`
    /// if they cannot see it. People who can only read in the organization can only read here.
    pub fn role(self, is_restricted: bool, own: Option<ProjectRole>) -> Option<ProjectRole> {
        if self.leads_all {
            return Some(ProjectRole::Lead);
        }
        let role = match own {
            Some(role) => role,
            None if !is_restricted => ProjectRole::Contributor,
            None if self.sees_all => ProjectRole::Reader,
            None => return None,
        };
        Some(if self.works { role } else { ProjectRole::Reader })
    }
}
