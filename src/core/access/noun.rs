//! What this feature declares to the platform.

use crate::platform::audit::kinds;
use crate::platform::db::constraints::uniques;
use crate::platform::db::tables::tables;
use crate::platform::db::text_keys::keyed;
use crate::platform::ids::id;
use crate::platform::noun::actions::life_actions;
use crate::platform::retention::purged;
use crate::platform::search::searchable;
use crate::platform::tenant::built_in::{ADMINS, MEMBERS};
use crate::platform::tenant::permission::permissions;

id!(
    /// A client, for whom a project may be done.
    ClientId
);

kinds! {
    /// A project.
    pub PROJECT = "project", Some("Projects");
}

life_actions! {
    pub PROJECT_LIFE = "project", "the project {}";
}

tables! {
    "projects": "select, insert, update, delete", locked 250;
    "project_members": "select, insert, update, delete", locked 260;
}

uniques! {
    /// Each code belongs to one project of the organization.
    pub PROJECT_CODE = "projects_code" on "projects.organization_id, projects.code",
        else "code" "Another project has this code.";
}

permissions! {
    /// Create projects, and contribute to those that are open to all members.
    pub CreateProjects = "projects.create", "work on its projects", MEMBERS, Writing;
    /// See restricted projects without being a member of them.
    pub ViewAllProjects = "projects.view_all", "see its restricted projects", ADMINS, Reading;
    /// Lead every project.
    pub ManageProjects = "projects.manage", "manage its projects", ADMINS, Writing;
}

keyed!("project", "projects" by name, searched "code || '\n' || name");
purged!("projects");
searchable!(PROJECT, "projects" in id by name & code, description);
