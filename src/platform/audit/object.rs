//! The objects of actions: each kind has a word for the database and addresses.

use std::sync::LazyLock;

use uuid::Uuid;

/// A kind of object that entries are about. Each feature declares its own, with [`kinds!`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKind {
    word: &'static str,
    one: &'static str,
    label: Option<&'static str>,
}

inventory::collect!(ObjectKind);

/// Declares kinds of objects: a constant, its word (with `called`, the words for one in a sentence,
/// if they differ), and the label under which people filter an
/// organization's log; `None` for kinds that belong to no organization.
macro_rules! kinds {
    ($($(#[$doc:meta])* $vis:vis $name:ident = $word:literal $(called $one:literal)?, $label:expr;)+) => {
        $(
            $(#[$doc])*
            $vis const $name: $crate::platform::audit::ObjectKind =
                $crate::platform::audit::ObjectKind::new($word, $label)$(.called($one))?;
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
    /// An account; in an organization's log, one whose details were erased from that log.
    pub ACCOUNT = "account", Some("Accounts");
    /// An email address that belongs to no account.
    pub ADDRESS = "address", Some("Addresses");
    /// A sign-in.
    pub SIGN_IN = "sign_in", None;
    /// An email that could not be delivered.
    pub MAIL = "mail", None;
    /// A job that failed.
    pub JOB = "job", None;
    /// The whole installation.
    pub INSTALLATION = "installation", None;
}

impl ObjectKind {
    /// Builds a kind; use [`kinds!`], which also registers it.
    pub const fn new(word: &'static str, label: Option<&'static str>) -> Self {
        Self { word, one: word, label }
    }

    /// The kind with other words for one of its objects.
    pub const fn called(self, one: &'static str) -> Self {
        Self { one, ..self }
    }

    /// All kinds, ordered by their words.
    pub fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<ObjectKind>> = LazyLock::new(|| {
            let mut all: Vec<_> = inventory::iter::<ObjectKind>.into_iter().copied().collect();
            all.sort();
            all
        });
        &ALL
    }

    /// The word in the database and in addresses.
    pub const fn word(self) -> &'static str {
        self.word
    }

    /// The words for one of its objects in a sentence.
    pub const fn one(self) -> &'static str {
        self.one
    }

    /// The label under which people filter an organization's log; `None` for kinds that belong to
    /// no organization.
    pub const fn label(self) -> Option<&'static str> {
        self.label
    }
}

impl std::fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// The object of an action.
#[derive(Clone, Debug)]
pub struct Object {
    pub(super) kind: ObjectKind,
    pub(super) id: Option<Uuid>,
    pub(super) name: String,
}

impl Object {
    /// An object with an id, and with its name at this moment.
    pub fn new(kind: ObjectKind, id: Uuid, name: impl Into<String>) -> Self {
        Self { kind, id: Some(id), name: name.into() }
    }

    /// Its kind.
    pub fn kind(&self) -> ObjectKind {
        self.kind
    }

    /// Its id, if it has one.
    pub fn id(&self) -> Option<Uuid> {
        self.id
    }

    /// An object without an id: the log itself, a refused page.
    pub fn named(kind: ObjectKind, name: impl Into<String>) -> Self {
        Self { kind, id: None, name: name.into() }
    }
}
