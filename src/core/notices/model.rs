//! What members are told, and how.

use crate::platform::audit::Object;
use crate::platform::ids::{ProjectId, UserId};
use crate::platform::words::words;

words! {
    /// The subject of a notice; its label is the line in the list.
    pub enum Notice, "There is no such notification." {
        /// Comments that mention the member.
        Mentions = "mentions", "A comment mentions me";
        /// Tasks that are assigned to the member.
        Assignments = "assignments", "Someone assigns me a task";
        /// Answers to the member's invitations.
        Invitations = "invitations", "Someone responds to my invitation or joins with my link";
    }
}

words! {
    /// How a member is told.
    #[derive(Default)]
    pub enum Delivery, "Choose how you want to be told." {
        /// In the inbox, and by an email of its own.
        #[default]
        Email = "email", "Inbox and email";
        /// In the inbox, and in one email a day.
        Digest = "digest", "Inbox and daily summary";
        /// In the inbox alone.
        Page = "page", "Inbox only";
        /// Not at all.
        Nothing = "nothing", "Don't tell me";
    }
}

words! {
    /// What has happened.
    pub enum Event, "There is no such event." {
        /// A comment mentions the member.
        Mentioned = "mentioned";
        /// A task was assigned to the member.
        Assigned = "assigned";
        /// Somebody accepted the member's invitation.
        Accepted = "accepted";
        /// Somebody joined with the member's link.
        JoinedByLink = "joined_by_link";
        /// Somebody declined the member's invitation.
        Declined = "declined";
        /// Somebody asks to be invited under another address.
        ChangeAsked = "change_asked";
    }
}

impl Notice {
    /// When the email is sent, in words that follow "mails".
    pub const fn occasion(self) -> &'static str {
        match self {
            Self::Mentions => "when a comment mentions you",
            Self::Assignments => "when someone assigns you a task",
            Self::Invitations => "when someone responds to your invitation or joins with your link",
        }
    }
}

impl Event {
    /// The notice that it belongs to.
    pub const fn notice(self) -> Notice {
        match self {
            Self::Mentioned => Notice::Mentions,
            Self::Assigned => Notice::Assignments,
            Self::Accepted | Self::JoinedByLink | Self::Declined | Self::ChangeAsked => {
                Notice::Invitations
            }
        }
    }

    /// What the actor did, in words before the name of what it is about. If nothing follows, the actor
    /// is the one it is about.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Mentioned => "mentioned you on",
            Self::Assigned => "assigned you",
            Self::Accepted => "accepted your invitation",
            Self::JoinedByLink => "joined with your link",
            Self::Declined => "declined your invitation",
            Self::ChangeAsked => "wants to be invited under another address",
        }
    }
}

/// Something to tell a member.
#[derive(Clone, Debug)]
pub struct News {
    /// What has happened.
    pub event: Event,
    /// Who did it, if they have an account.
    pub actor: Option<UserId>,
    /// What it is about.
    pub object: Object,
    /// The project that it belongs to.
    pub project: Option<ProjectId>,
}
