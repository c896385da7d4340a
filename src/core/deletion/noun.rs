//! What this feature declares to the platform.

use crate::platform::audit::actions;

actions! {
    pub(crate) ACCOUNT_DELETED = "account.deleted", "deleted the account {}";
}
