//! What a role may include. A handler names what it needs in its signature:
//! `CurrentOrg<InviteMembers>` cannot be had by somebody whose role does not include it.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// Something that a type proves about the caller's role.
pub trait Proof: Copy + Send + Sync + 'static {
    /// The permission that is proved; `None` for mere membership.
    const PERMISSION: Option<Permission>;
}

/// Proved by every member.
#[derive(Clone, Copy, Debug)]
pub struct AnyMember;

impl Proof for AnyMember {
    const PERMISSION: Option<Permission> = None;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $does:literal;)+) => {
        /// A thing that a role may let its members do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Permission {
            $($(#[$doc])* $name,)+
        }

        impl Permission {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The word that the database keeps.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// What it lets people do, in words that follow "lets you".
            pub const fn does(self) -> &'static str {
                match self { $(Self::$name => $does,)+ }
            }
        }

        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl Proof for $name {
                const PERMISSION: Option<Permission> = Some(Permission::$name);
            }
        )+
    };
}

permissions! {
    /// See who belongs to the organization.
    ViewMembers = "members.view", "see its members";
    /// Invite people, and resend or revoke invitations.
    InviteMembers = "members.invite", "invite people";
    /// Change members' roles and remove members.
    ManageMembers = "members.manage", "change or remove members";
    /// Rename the organization and change its address.
    ManageOrganization = "organization.manage", "change its settings";
    /// Read the audit log.
    ViewAudit = "audit.view", "see its audit log";
    /// Create, change, archive and delete clients.
    EditClients = "clients.edit", "change its clients";
    /// Start projects, and contribute to those that are open to everybody.
    CreateProjects = "projects.create", "work on its projects";
    /// Find restricted projects without belonging to them.
    ViewAllProjects = "projects.view_all", "see its restricted projects";
    /// Lead every project.
    ManageProjects = "projects.manage", "manage its projects";
}

impl FromStr for Permission {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|permission| permission.word() == word).ok_or(())
    }
}

/// A set of permissions, stored as their words with spaces between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions(BTreeSet<Permission>);

impl Permissions {
    /// Whether `permission` is in the set.
    pub fn include(&self, permission: Permission) -> bool {
        self.0.contains(&permission)
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().collect())
    }
}

impl FromStr for Permissions {
    type Err = std::convert::Infallible;

    /// Words this version does not know are passed over: a newer version may have written them.
    fn from_str(words: &str) -> Result<Self, Self::Err> {
        Ok(words.split_whitespace().filter_map(|word| word.parse().ok()).collect())
    }
}

impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, permission) in self.0.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{}", permission.word())?;
        }
        Ok(())
    }
}

crate::platform::db::text_column!(Permissions);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_survive_their_text_and_unknown_words_are_passed_over() {
        let set: Permissions =
            [Permission::InviteMembers, Permission::ViewMembers].into_iter().collect();
        assert_eq!(set.to_string().parse::<Permissions>().unwrap(), set);
        assert_eq!(
            "members.view kites.fly".parse::<Permissions>().unwrap().to_string(),
            "members.view"
        );
    }
}
