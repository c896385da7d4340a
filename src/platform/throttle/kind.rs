//! What is tried, and how often it may be.

use super::counter::Rule;

/// How many tries are free within half an hour, and how many may be wrong in a row.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For one account, or at one browser that is known for it.
    pub per_account: i64,
    /// From one network: an IPv4 address, or the first 64 bits of an IPv6 address.
    pub per_network: i64,
    /// Of somebody who has the password or a session, and is asked for more.
    pub guesses: i64,
    /// However long they take, until one is right.
    pub in_a_row: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_account: 10, per_network: 100, guesses: 10, in_a_row: 100 }
    }
}

/// What is tried; each is counted by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Signing in with a password.
    SignIn,
    /// Signing in with a passkey.
    Passkey,
    /// Showing a second factor, or again who one is, whatever with.
    Guess,
    /// Signing up.
    SignUp,
    /// Asking for a link to set a new password.
    Reset,
    /// Setting a new password by such a link.
    NewPassword,
    /// Accepting an invitation as a new person.
    Invitation,
    /// Showing the password from before, to take an account back.
    TakeBack,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Passkey => "passkey",
            Self::Guess => "guess",
            Self::SignUp => "sign_up",
            Self::Reset => "reset",
            Self::NewPassword => "new_password",
            Self::Invitation => "invitation",
            Self::TakeBack => "take_back",
        }
    }

    /// In the audit log.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::SignIn => "signing in",
            Self::Passkey => "signing in with a passkey",
            Self::Guess => "confirming who they are",
            Self::SignUp => "signing up",
            Self::Reset => "asking for a new password",
            Self::NewPassword => "setting a new password",
            Self::Invitation => "accepting an invitation",
            Self::TakeBack => "taking an account back",
        }
    }

    /// The rule for one account, or one browser that is known for it.
    pub(super) fn rule(self, limits: Limits) -> Rule {
        match self {
            Self::SignIn => Rule { limit: limits.per_account, in_a_row: Some(limits.in_a_row) },
            Self::Guess => Rule { limit: limits.guesses, in_a_row: Some(limits.in_a_row) },
            _ => Rule { limit: limits.per_account, in_a_row: None },
        }
    }

    /// Whether a known browser has a counter of its own: for what strangers must not keep the owner
    /// of an account from.
    pub(super) fn knows_browsers(self) -> bool {
        matches!(self, Self::SignIn | Self::Reset)
    }
}
