//! What members are told about by mail.

use crate::platform::words::words;

words! {
    /// What a notice is about; the label is the line that stands for it in the list.
    pub enum Notice, "There is no such notification." {
        /// Comments that name the member.
        Mentions = "mentions", "A comment mentions me";
        /// Tasks that the member is given.
        Assignments = "assignments", "Someone assigns me a task";
        /// What becomes of the invitations that the member has sent.
        Invitations = "invitations", "Someone answers my invitation, or asks to change it";
    }
}

impl Notice {
    /// When the mail comes, in words that follow "mails".
    pub const fn occasion(self) -> &'static str {
        match self {
            Self::Mentions => "when a comment mentions you",
            Self::Assignments => "when someone assigns you a task",
            Self::Invitations => "when someone answers your invitation",
        }
    }
}
