//! What things are done to: each kind has one word for the database and the address.

use uuid::Uuid;

/// Declares the kinds.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $label:expr;)+) => {
        /// A kind of thing that entries are about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ObjectKind {
            $($(#[$doc])* $name,)+
        }

        impl ObjectKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The word that the database and the address hold.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// Its name for people who filter an organization's log by it; `None` for what belongs
            /// to no organization.
            pub const fn label(self) -> Option<&'static str> {
                match self { $(Self::$name => $label,)+ }
            }
        }
    };
}

kinds! {
    /// The organization itself.
    Organization = "organization", Some("Organization");
    /// Somebody's membership in the organization.
    Member = "member", Some("Members");
    /// An invitation into the organization.
    Invitation = "invitation", Some("Invitations");
    /// A client.
    Client = "client", Some("Clients");
    /// A project.
    Project = "project", Some("Projects");
    /// Somebody's membership in a project, by the id of the membership in the organization.
    ProjectMember = "project_member", Some("Project members");
    /// A task.
    Task = "task", Some("Tasks");
    /// A comment.
    Comment = "comment", Some("Comments");
    /// A saved filter.
    Filter = "filter", Some("Saved filters");
    /// A visit of an operator to the organization.
    OperatorVisit = "operator_visit", Some("Operator visits");
    /// A request that was refused.
    Request = "request", Some("Refusals");
    /// The audit log itself.
    AuditLog = "audit_log", Some("The audit log");
    /// An account; in an organization's log, one whose details were erased from it.
    Account = "account", Some("Accounts");
    /// An email address that belongs to no account.
    Address = "address", Some("Addresses");
    /// A sign-in.
    SignIn = "sign_in", None;
    /// A mail that was not taken.
    Mail = "mail", None;
    /// A job that failed.
    Job = "job", None;
    /// The whole installation.
    Installation = "installation", None;
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
