//! What members are told about by mail.

use std::fmt;
use std::str::FromStr;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Comments that name the member.
    Mentions,
    /// Tasks that the member is given.
    Assignments,
    /// What becomes of the invitations that the member has sent.
    Invitations,
}

impl Notice {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 3] = [Self::Mentions, Self::Assignments, Self::Invitations];

    const fn word(self) -> &'static str {
        match self {
            Self::Mentions => "mentions",
            Self::Assignments => "assignments",
            Self::Invitations => "invitations",
        }
    }

    /// When the mail comes, in words that follow "mails".
    pub const fn occasion(self) -> &'static str {
        match self {
            Self::Mentions => "when a comment mentions you",
            Self::Assignments => "when somebody assigns you a task",
            Self::Invitations => "when somebody answers an invitation of yours",
        }
    }

    /// The line that stands for it in the list.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Mentions => "A comment mentions me",
            Self::Assignments => "Somebody assigns me a task",
            Self::Invitations => "Somebody answers an invitation of mine, or asks to change it",
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Notice {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|notice| notice.word() == word)
            .ok_or_else(|| format!("no notice {word:?}"))
    }
}

crate::platform::db::text_column!(Notice);
