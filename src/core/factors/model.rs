//! The names of factors, and their holders.

use uuid::Uuid;

use super::noun::{PasskeyId, TotpFactorId};
use crate::core::accounts::{self, Credentials, Tab};
use crate::platform::audit::{Action, Entry};
use crate::platform::email::EmailAddress;
use crate::platform::ids::UserId;
use crate::platform::session::CurrentUser;
use crate::platform::text::line_of_text;

/// The longest name, in characters.
const NAME_LENGTH: usize = 60;

/// Parses the name of a factor; returns `otherwise` if it is empty.
pub(super) fn factor_name(typed: &str, otherwise: &str) -> Result<String, String> {
    let typed = if typed.trim().is_empty() { otherwise } else { typed };
    line_of_text(typed, NAME_LENGTH, "Enter a name.")
}

/// The names of a kind of factor.
pub(super) struct Kind {
    /// In the audit log.
    pub word: &'static str,
    /// In a sentence.
    pub title: &'static str,
    /// As the default name of a factor.
    pub unnamed: &'static str,
    /// In a path.
    pub place: &'static str,
}

pub(super) const APP: Kind =
    Kind { word: "app", title: "authenticator app", unnamed: "Authenticator app", place: "totp" };
pub(super) const PASSKEY: Kind =
    Kind { word: "passkey", title: "passkey", unnamed: "Passkey", place: "passkeys" };

impl Kind {
    /// The factor in a sentence: what it is, and its name if it has one.
    pub fn titled(&self, name: &str) -> String {
        match name.eq_ignore_ascii_case(self.title) {
            true => format!("The {}", self.title),
            false => format!("The {} “{name}”", self.title),
        }
    }
}

/// An app or a passkey: recovery codes have no names.
#[derive(Clone, Copy, Debug)]
pub enum FactorId {
    /// An authenticator app.
    App(TotpFactorId),
    /// A passkey.
    Passkey(PasskeyId),
}

impl FactorId {
    /// Its kind.
    pub(super) fn kind(self) -> &'static Kind {
        match self {
            Self::App(_) => &APP,
            Self::Passkey(_) => &PASSKEY,
        }
    }

    /// Its UUID.
    pub(super) fn uuid(self) -> Uuid {
        match self {
            Self::App(id) => id.uuid(),
            Self::Passkey(id) => id.uuid(),
        }
    }

    /// The page that removes it.
    pub(super) fn removal(self) -> String {
        let (page, place) = (Tab::Security.path(), self.kind().place);
        format!("{page}/{place}/{}/remove", self.uuid())
    }
}

impl From<TotpFactorId> for FactorId {
    fn from(id: TotpFactorId) -> Self {
        Self::App(id)
    }
}

impl From<PasskeyId> for FactorId {
    fn from(id: PasskeyId) -> Self {
        Self::Passkey(id)
    }
}

/// The person whose factors they are.
#[derive(Clone, Debug)]
pub(crate) struct Holder {
    pub id: UserId,
    pub name: String,
    pub email: EmailAddress,
}

impl Holder {
    /// An entry of the audit log about this person's account.
    pub fn entry(&self, action: Action) -> Entry {
        accounts::entry(action, self.id, &self.email)
    }
}

impl From<&Credentials> for Holder {
    fn from(account: &Credentials) -> Self {
        let Credentials { user_id, name, email, .. } = account;
        Self { id: *user_id, name: name.clone(), email: email.clone() }
    }
}

impl From<&CurrentUser> for Holder {
    fn from(user: &CurrentUser) -> Self {
        Self { id: user.id, name: user.name.clone(), email: user.email.clone() }
    }
}
