//! What the platform knows of this feature.

use crate::platform::audit::actions;

actions! {
    pub(crate) ACCOUNT_DELETED = "account.deleted", "deleted the account {}";
}
