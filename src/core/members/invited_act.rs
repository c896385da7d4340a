//! What can be done with many of the invitations in the table.

use crate::platform::words::words;

words! {
    /// What can be done with many invitations.
    pub enum InvitedAct without column, "Choose what to do." {
        /// Their emails are sent again.
        Resend = "resend", "Resend…";
        /// They end.
        Revoke = "revoke", "Revoke…";
    }
}

impl InvitedAct {
    /// The verb of the question and the button.
    pub(crate) fn verb(self) -> &'static str {
        match self {
            Self::Resend => "Resend",
            Self::Revoke => "Revoke",
        }
    }

    /// The past participle, for the results.
    pub(crate) fn done(self) -> &'static str {
        match self {
            Self::Resend => "resent",
            Self::Revoke => "revoked",
        }
    }

    /// What happens.
    pub(crate) fn consequences(self) -> Vec<&'static str> {
        match self {
            Self::Resend => {
                vec!["Each gets a new link, valid for 7 days", "Earlier links stop working"]
            }
            Self::Revoke => vec!["Their links stop working"],
        }
    }
}
