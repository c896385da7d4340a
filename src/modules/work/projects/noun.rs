//! What this feature declares to the platform.

use crate::platform::audit::actions;
use crate::platform::audit::kinds;

kinds! {
    /// A membership in a project, with the id of the membership in the organization.
    pub MEMBER_KIND = "project_member", Some("Project members");
}

actions! {
    pub(crate) PROJECT_MEMBER_ADDED = "project_member.added", "added {} to the project";
    pub(crate) PROJECT_MEMBER_CHANGED = "project_member.changed", "changed the project role of {}";
    pub(crate) PROJECT_MEMBER_REMOVED = "project_member.removed", "removed {} from the project";
}
