//! What this feature declares to the platform.

use crate::platform::noun::prelude::*;

noun! {
    "client", "Clients", in "clients" locked 240;
    searched by "name || '\n' || contact || '\n' || email";
    unique name, else "Another client has this name.";
    /// Create, change, archive and delete clients.
    edited by EditClients, "change its clients", MEMBERS, Writing;
    // A client is kept as long as its projects show its name.
    kept while "exists (
        select 1 from projects p where p.organization_id = $1 and p.client_id = clients.id)";
    found by contact, email, phone, notes;
}
