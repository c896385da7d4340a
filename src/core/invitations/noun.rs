//! What this feature declares to the platform.

use crate::platform::audit::actions;
use crate::platform::audit::kinds;
use crate::platform::db::tables::tables;
use crate::platform::ids::id;

id!(
    /// A link of an invitation; resending creates another.
    InvitationLinkId
);

kinds! {
    /// An invitation to the organization.
    pub KIND = "invitation", Some("Invitations");
}

tables! {
    "invitations": "select, insert, update", outside "select", locked 220;
    "invitation_links": "select, insert, update", outside "select", locked 230;
}

actions! {
    pub(crate) INVITATION_SENT = "invitation.sent", "invited {}";
    pub(crate) INVITATION_RESENT = "invitation.resent", "resent the invitation for {}";
    pub(crate) INVITATION_READDRESSED = "invitation.readdressed", "changed the address of the invitation to {}";
    pub(crate) INVITATION_CHANGE_ASKED = "invitation.change_asked", "asked to be invited instead of {}";
    pub(crate) INVITATION_REVOKED = "invitation.revoked", "revoked the invitation for {}";
    pub(crate) INVITATION_DECLINED = "invitation.declined", "declined the invitation for {}";
}
