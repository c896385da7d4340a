//! What this feature declares to the platform.

use crate::platform::audit::actions;
use crate::platform::db::tables::tables;

tables! {
    "pictures": "select", outside "select, insert, update, delete", locked 170;
}

actions! {
    pub(crate) PICTURE_SET = "account.picture_set", "set the picture of {}";
    pub(crate) PICTURE_REMOVED = "account.picture_removed", "removed the picture of {}";
}
