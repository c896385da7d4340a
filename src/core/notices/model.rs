//! What members are notified about by email.

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
