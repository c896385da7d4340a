//! What the platform knows of this feature.

use crate::platform::audit::actions;
use crate::platform::audit::kinds;
use crate::platform::db::constraints::uniques;
use crate::platform::db::tables::tables;
use crate::platform::retention::purged;
use crate::platform::tenant::built_in::MEMBERS;
use crate::platform::tenant::permission::permissions;

kinds! {
    /// A client.
    pub KIND = "client", Some("Clients");
}

tables! {
    "clients": "select, insert, update, delete", locked 240;
}

uniques! {
    /// A client's name is another's.
    pub CLIENT_NAME = "clients_name" on "clients.organization_id, clients.name_key";
}

permissions! {
    /// Create, change, archive and delete clients.
    pub EditClients = "clients.edit", "change its clients", MEMBERS, Writing;
}

actions! {
    pub(crate) CLIENT_CREATED = "client.created", "created the client {}";
    pub(crate) CLIENT_CHANGED = "client.changed", "changed the client {}";
    pub(crate) CLIENT_ARCHIVED = "client.archived", "archived the client {}";
    pub(crate) CLIENT_UNARCHIVED = "client.unarchived", "unarchived the client {}";
    pub(crate) CLIENT_DELETED = "client.deleted", "deleted the client {}";
    pub(crate) CLIENT_RESTORED = "client.restored", "restored the client {}";
}

// A client whose projects go on naming it stays.
purged!(
    "clients",
    unless "exists (
        select 1 from projects p where p.organization_id = $1 and p.client_id = clients.id)"
);
