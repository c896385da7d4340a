//! What this feature declares to the platform.

use crate::platform::audit::actions;
use crate::platform::audit::kinds;
use crate::platform::db::constraints::uniques;
use crate::platform::db::tables::tables;

kinds! {
    /// A saved filter.
    pub KIND = "filter", Some("Saved filters");
}

tables! {
    "saved_filters": "select, insert, update, delete", locked 300;
}

uniques! {
    /// Each name belongs to one filter of a member for a list.
    pub FILTER_NAME = "saved_filters_name" on "saved_filters.organization_id, saved_filters.membership_id, saved_filters.list, saved_filters.name";
}

actions! {
    pub(crate) FILTER_SAVED = "filter.saved", "saved the filter {}";
    pub(crate) FILTER_DELETED = "filter.deleted", "deleted the filter {}";
}
