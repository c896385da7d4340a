//! What this feature declares to the platform.

use crate::platform::audit::kinds;
use crate::platform::db::constraints::uniques;
use crate::platform::db::tables::tables;
use crate::platform::noun::actions::life_actions;
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
    /// Each name belongs to one client of the organization.
    pub CLIENT_NAME = "clients_name" on "clients.organization_id, clients.name_key",
        else "name" "Another client has this name.";
}

permissions! {
    /// Create, change, archive and delete clients.
    pub EditClients = "clients.edit", "change its clients", MEMBERS, Writing;
}

life_actions! {
    pub CLIENT_LIFE = "client", "the client {}";
}

// A client is kept as long as its projects show its name.
purged!(
    "clients",
    unless "exists (
        select 1 from projects p where p.organization_id = $1 and p.client_id = clients.id)"
);
