//! What things are done to: each kind has one word for the database and the address.

use std::sync::LazyLock;

use uuid::Uuid;

/// A kind of thing that entries are about. Each feature declares its own, with [`kinds!`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKind {
    word: &'static str,
    label: Option<&'static str>,
}

inventory::collect!(ObjectKind);

/// Declares kinds of things: a constant, its word, and its name for people who filter an organization's
/// log by it; `None` for what belongs to no organization.
macro_rules! kinds {
    ($($(#[$doc:meta])* $vis:vis $name:ident = $word:literal, $label:expr;)+) => {
        $(
            $(#[$doc])*
            $vis const $name: $crate::platform::audit::ObjectKind =
                $crate::platform::audit::ObjectKind::new($word, $label);
            inventory::submit!($name);
        )+
    };
}
pub(crate) use kinds;

kinds! {
    /// The organization itself.
    pub ORGANIZATION = "organization", Some("Organization");
    /// A request that was refused.
    pub REQUEST = "request", Some("Refusals");
    /// The audit log itself.
    pub AUDIT_LOG = "audit_log", Some("The audit log");
    /// An account; in an organization's log, one whose details were erased from it.
    pub ACCOUNT = "account", Some("Accounts");
    /// An email address that belongs to no account.
    pub ADDRESS = "address", Some("Addresses");
    /// A sign-in.
    pub SIGN_IN = "sign_in", None;
    /// A mail that was not taken.
    pub MAIL = "mail", None;
    /// A job that failed.
    pub JOB = "job", None;
    /// The whole installation.
    pub INSTALLATION = "installation", None;
}

impl ObjectKind {
    /// A kind; use [`kinds!`], which also registers it.
    pub const fn new(word: &'static str, label: Option<&'static str>) -> Self {
        Self { word, label }
    }

    /// All of them, by their words.
    pub fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<ObjectKind>> = LazyLock::new(|| {
            let mut all: Vec<_> = inventory::iter::<ObjectKind>.into_iter().copied().collect();
            all.sort();
            all
        });
        &ALL
    }

    /// The word that the database and the address hold.
    pub const fn word(self) -> &'static str {
        self.word
    }

    /// Its name for people who filter an organization's log by it; `None` for what belongs to no
    /// organization.
    pub const fn label(self) -> Option<&'static str> {
        self.label
    }
}

impl std::fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// What something was done to.
#[derive(Clone, Debug)]
pub struct Object {
    pub(super) kind: ObjectKind,
    pub(super) id: Option<Uuid>,
    pub(super) name: String,
}

impl Object {
    /// A thing of this kind with its id and its name at this moment.
    pub fn new(kind: ObjectKind, id: Uuid, name: impl Into<String>) -> Self {
        Self { kind, id: Some(id), name: name.into() }
    }

    /// A thing without an id: the log itself, a page that was refused.
    pub fn named(kind: ObjectKind, name: impl Into<String>) -> Self {
        Self { kind, id: None, name: name.into() }
    }
}
