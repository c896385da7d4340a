//! The names of factors, and their holders.

use crate::core::accounts;
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

/// The factor in a sentence: what it is, and its name if it has one.
pub(super) fn titled(kind: &str, name: &str) -> String {
    match name.eq_ignore_ascii_case(kind) {
        true => format!("The {kind}"),
        false => format!("The {kind} “{name}”"),
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

impl From<&CurrentUser> for Holder {
    fn from(user: &CurrentUser) -> Self {
        Self { id: user.id, name: user.name.clone(), email: user.email.clone() }
    }
}
