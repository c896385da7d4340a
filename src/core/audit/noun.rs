//! What this feature declares to the platform.

use crate::platform::audit::actions;
use crate::platform::tenant::built_in::ADMINS;
use crate::platform::tenant::permission::permissions;

permissions! {
    /// Read the audit log.
    pub ViewAudit = "audit.view", "see its audit log", ADMINS, Reading;
}

actions! {
    pub(crate) AUDIT_EXPORTED = "audit.exported", "exported {}";
}
