//! The columns with sealed values.

use std::fmt;

/// A column with sealed values, each sealed for its own row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// `totp_factors.sealed_seed`: the secret shared with an authenticator app.
    Seed,
    /// `outbox.sealed`: an email, until it is sent.
    Mail,
    /// `invitation_links.copy_sealed`: the token shown by *copy link*.
    Link,
    /// `join_links.sealed_token`: the token of an organization's join link.
    JoinLink,
}

impl Column {
    /// The context with which the value of the row `id` is sealed: it does not open in another row
    /// or column.
    pub fn context(self, id: impl fmt::Display) -> String {
        match self {
            Self::Seed => format!("totp {id}"),
            Self::Mail => format!("mail {id}"),
            Self::Link => format!("invitation link {id}"),
            Self::JoinLink => format!("join link {id}"),
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Seed => "totp_factors.sealed_seed",
            Self::Mail => "outbox.sealed",
            Self::Link => "invitation_links.copy_sealed",
            Self::JoinLink => "join_links.sealed_token",
        })
    }
}
