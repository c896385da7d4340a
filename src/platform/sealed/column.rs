//! The columns whose values are sealed.

use std::fmt;

/// A column whose values are sealed, each for its own row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// `totp_factors.sealed_seed`: what an authenticator app and the service share.
    Seed,
    /// `outbox.sealed`: a mail, until it was sent.
    Mail,
    /// `invitation_links.copy_sealed`: the token that *copy link* shows.
    Link,
}

impl Column {
    /// With what the value of the row `id` is sealed: in another row or column it does not open.
    pub fn context(self, id: impl fmt::Display) -> String {
        match self {
            Self::Seed => format!("totp {id}"),
            Self::Mail => format!("mail {id}"),
            Self::Link => format!("invitation link {id}"),
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Seed => "totp_factors.sealed_seed",
            Self::Mail => "outbox.sealed",
            Self::Link => "invitation_links.copy_sealed",
        })
    }
}
