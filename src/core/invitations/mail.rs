//! The emails about invitations.

use crate::platform::mail::Quoted;
use crate::platform::mail::message::mail;

/// To the invited person.
pub(super) struct InvitationMail {
    pub inviter: Quoted,
    pub organization: Quoted,
    pub role: Quoted,
    pub message: Quoted,
    pub link: String,
    pub email: String,
    pub expires: String,
}

mail!(
    InvitationMail,
    "invitation" as Letter,
    "platform/mail/invitation.subject.txt",
    "platform/mail/invitation.txt",
    "platform/mail/invitation.html"
);

/// To the inviter of a person who has joined, or the maker of the join link that they used.
pub(super) struct Joined {
    pub inviter: Quoted,
    /// Whether it was with a join link.
    pub with_link: bool,
    pub member: Quoted,
    pub member_email: String,
    pub organization: Quoted,
    pub role: Quoted,
    pub members_link: String,
    pub stop_link: String,
}

mail!(
    Joined,
    "joined" as Notice,
    "platform/mail/joined.subject.txt",
    "platform/mail/joined.txt",
    "platform/mail/joined.html"
);

/// To the inviter of a person who has declined.
pub(super) struct Declined {
    pub inviter: Quoted,
    pub organization: Quoted,
    pub email: String,
    pub members_link: String,
    pub stop_link: String,
}

mail!(
    Declined,
    "declined" as Notice,
    "platform/mail/declined.subject.txt",
    "platform/mail/declined.txt",
    "platform/mail/declined.html"
);

/// To the inviter of a person who asks to be invited under another address.
pub(super) struct ChangeRequested {
    pub inviter: Quoted,
    pub organization: Quoted,
    pub email: String,
    pub requested_email: String,
    pub requested_name: Quoted,
    pub members_link: String,
    pub stop_link: String,
}

mail!(
    ChangeRequested,
    "change_requested" as Notice,
    "platform/mail/change_requested.subject.txt",
    "platform/mail/change_requested.txt",
    "platform/mail/change_requested.html"
);
