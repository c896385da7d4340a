//! The mails about invitations.

use crate::platform::mail::message::mail;

/// To somebody who is invited.
pub(super) struct InvitationMail {
    pub inviter: String,
    pub organization: String,
    pub role: String,
    pub message: String,
    pub link: String,
    pub email: String,
    pub expires: String,
}

mail!(
    InvitationMail,
    "invitation",
    "mail/invitation.subject.txt",
    "mail/invitation.txt",
    "mail/invitation.html"
);

/// To whoever has invited somebody who joined.
pub(super) struct Joined {
    pub inviter: String,
    pub member: String,
    pub member_email: String,
    pub organization: String,
    pub role: String,
    pub members_link: String,
}

mail!(Joined, "joined", "mail/joined.subject.txt", "mail/joined.txt", "mail/joined.html");

/// To whoever has invited somebody who asks to be invited under another address.
pub(super) struct ChangeRequested {
    pub inviter: String,
    pub organization: String,
    pub email: String,
    pub requested_email: String,
    pub requested_name: String,
    pub members_link: String,
}

mail!(
    ChangeRequested,
    "change_requested",
    "mail/change_requested.subject.txt",
    "mail/change_requested.txt",
    "mail/change_requested.html"
);
