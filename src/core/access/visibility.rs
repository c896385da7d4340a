//! Who sees which project. A project that someone may not see exists nowhere for them: every
//! statement that shows projects, or what belongs to them, holds [`visible!`].

use super::role::ProjectRole;
use crate::core::access::noun::{CreateProjects, ManageProjects, ViewAllProjects};
use crate::platform::db::Query;
use crate::platform::db::statement::TenantSql;
use crate::platform::ids::MembershipId;
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::{Actor, OrgTx, Role};

/// The condition that the project `$p` (an alias) is one that the viewer may see and nobody has
/// deleted. `$2` says whether the viewer sees every project, `$3` is the viewer's membership:
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

/// What [`visible!`] says of the project `p`, deleted or not: a test looks for it in every statement
/// that reads what belongs to a project.
pub const VISIBLE: &str = visible!(even deleted "p");

/// Someone who looks at projects.
#[derive(Clone, Copy, Debug)]
pub struct Viewer {
    membership: MembershipId,
    sees_all: bool,
    leads_all: bool,
    works: bool,
}

impl Viewer {
    /// The person who sends the request.
    pub fn of(org: &Context) -> Self {
        Self::with(org.membership.id, &org.membership.role)
    }

    /// The person who changes something, with the role as it is inside the transaction.
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

    /// What [`visible!`] has as `$2`: whether the viewer sees every project.
    pub fn sees_all(self) -> bool {
        self.sees_all
    }

    /// What [`visible!`] has as `$3`: the viewer's membership.
    pub fn membership(self) -> MembershipId {
        self.membership
    }

    /// A statement that holds [`visible!`]; bind what follows `$3`.
    pub fn query<'q>(self, tx: &'q mut OrgTx, sql: TenantSql) -> Query<'q> {
        tx.query(sql).bind(self.sees_all).bind(self.membership)
    }

    /// The role in a project of which the viewer is a member with `own`, if at all; `None` for
    /// someone who may not see it. Anyone who only reads in the organization only reads here.
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
