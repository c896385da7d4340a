//! What this feature declares to the platform.

use crate::platform::audit::actions;
use crate::platform::audit::kinds;
use crate::platform::db::tables::tables;
use crate::platform::tenant::built_in::{ADMINS, EVERYBODY};
use crate::platform::tenant::permission::permissions;

kinds! {
    /// A person's membership in the organization.
    pub KIND = "member", Some("Members");
}

tables! {
    "memberships": "select, insert, update, delete", outside "select", locked 200;
}

permissions! {
    /// See who belongs to the organization.
    pub ViewMembers = "members.view", "see its members", EVERYBODY, Reading;
    /// Invite people, and resend or revoke invitations. An invitation is only valid while its
    /// sender is a member, so an operator on a visit cannot send one.
    pub InviteMembers = "members.invite", "invite people", ADMINS, Never;
    /// Change members' roles and remove members.
    pub ManageMembers = "members.manage", "change or remove members", ADMINS, Writing;
}

actions! {
    pub(crate) MEMBER_JOINED = "member.joined", "accepted the invitation for {}";
    pub(crate) MEMBER_ROLE_CHANGED = "member.role_changed", "changed the role of {}";
    pub(crate) MEMBER_SUSPENDED = "member.suspended", "suspended the member {}";
    pub(crate) MEMBER_REACTIVATED = "member.reactivated", "reactivated the member {}";
    pub(crate) MEMBER_REMOVED = "member.removed", "removed the member {}";
    pub(crate) MEMBER_LEFT = "member.left", "left {}";
    pub(crate) MEMBERS_EXPORTED = "member.exported", "exported {}";
}
