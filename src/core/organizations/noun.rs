//! What this feature declares to the platform.

use crate::platform::audit::actions;
use crate::platform::db::constraints::uniques;
use crate::platform::db::tables::tables;
use crate::platform::tenant::built_in::ADMINS;
use crate::platform::tenant::permission::permissions;

tables! {
    "organizations": "select, insert, update, delete", outside "select", locked 180;
    "organization_slugs": "select, insert", outside "select";
}

uniques! {
    /// Each slug belongs to one organization.
    pub SLUG_IN_USE = "organizations_slug_key" on "organizations.slug";
    /// A slug that an organization once had is not given to another.
    pub SLUG_ONCE_USED = "organization_slugs_pkey" on "organization_slugs.slug";
}

permissions! {
    /// Rename the organization and change its address.
    pub ManageOrganization = "organization.manage", "change its settings", ADMINS, Writing;
}

actions! {
    pub(crate) ORGANIZATION_CREATED = "organization.created", "created the organization {}";
    pub(crate) ORGANIZATION_CHANGED = "organization.changed", "changed the settings of {}";
    pub(crate) ORGANIZATION_DELETED = "organization.deleted", "deleted the organization {}";
}
