//! What this feature declares to the platform.

use crate::platform::audit::actions;
use crate::platform::audit::kinds;
use crate::platform::audit::{Shown, fields};
use crate::platform::db::tables::tables;
use crate::platform::ids::id;

id!(
    /// A join link; a new one replaces the one before.
    JoinLinkId
);

kinds! {
    /// A link that anyone who has it can join with.
    pub KIND = "join_link" called "join link", Some("Join links");
}

tables! {
    "join_links": "select, insert, update", outside "select", locked 235;
}

actions! {
    pub(crate) JOIN_LINK_CREATED = "join_link.created", "created a join link for the role {}";
    pub(crate) JOIN_LINK_TURNED_OFF = "join_link.turned_off", "turned off the join link for the role {}";
    pub(crate) JOIN_LINK_USED = "join_link.used", "joined with the join link for the role {}";
}

fields! {
    "max_uses": Shown::Number;
}
