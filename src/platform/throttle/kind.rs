//! The kinds of attempts, and their limits.

use super::counter::Rule;

/// How many attempts are free within half an hour, and how many may fail in a row.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For one account, or in one browser known for it.
    pub per_account: i64,
    /// From one network: an IPv4 address, or the first 64 bits of an IPv6 address.
    pub per_network: i64,
    /// For somebody who has the password or a session and is asked for more.
    pub guesses: i64,
    /// How many may fail in a row, over any time.
    pub in_a_row: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_account: 10, per_network: 100, guesses: 10, in_a_row: 100 }
    }
}

/// The kinds of attempts; each has counters of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Signing in with a password.
    SignIn,
    /// Signing in with a passkey.
    Passkey,
    /// Showing a second factor, or authenticating again by any means.
    Guess,
    /// Signing up.
    SignUp,
    /// Asking for a link to set a new password.
    Reset,
    /// Setting a new password with such a link.
    NewPassword,
    /// Accepting an invitation as a new person.
    Invitation,
    /// Showing the previous password, to take an account back.
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

    /// Its name in the audit log.
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

    /// The rule for an account, or for a browser known for it.
    pub(super) fn rule(self, limits: Limits) -> Rule {
        match self {
            Self::SignIn => Rule { limit: limits.per_account, in_a_row: Some(limits.in_a_row) },
            Self::Guess => Rule { limit: limits.guesses, in_a_row: Some(limits.in_a_row) },
            _ => Rule { limit: limits.per_account, in_a_row: None },
        }
    }

    /// Whether a known browser has a counter of its own, so that strangers cannot keep the owner of
    /// an account out.
    pub(super) fn knows_browsers(self) -> bool {
        matches!(self, Self::SignIn | Self::Reset)
    }
}
