//! What a viewer may do in the projects of a list.

use std::collections::HashMap;

use super::role::ProjectRole;
use super::visibility::Viewer;
use crate::platform::db::statement::sql;
use crate::platform::ids::ProjectId;
use crate::platform::tenant::OrgTx;

/// The roles that a viewer has as a member of projects.
pub(crate) struct OwnRoles {
    viewer: Viewer,
    roles: HashMap<ProjectId, ProjectRole>,
}

impl OwnRoles {
    /// Loads the roles of the viewer, in ten thousand projects at most.
    pub async fn load(tx: &mut OrgTx, viewer: Viewer) -> Result<Self, sqlx::Error> {
        let roles: Vec<(ProjectId, ProjectRole)> = tx
            .query(sql!(
                unfiltered because "it reads the viewer's own roles",
                "select project_id, role from project_members
                 where organization_id = $1 and membership_id = $2
                 limit 10000"
            ))
            .bind(viewer.membership())
            .all()
            .await?;
        Ok(Self { viewer, roles: roles.into_iter().collect() })
    }

    /// Whether the viewer's role in a project includes `needed`.
    pub fn include(&self, project: ProjectId, is_restricted: bool, needed: ProjectRole) -> bool {
        let own = self.roles.get(&project).copied();
        self.viewer.role(is_restricted, own).is_some_and(|role| role >= needed)
    }
}
