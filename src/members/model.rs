//! Who may do what to whom, in words: the pages show these reasons, the server refuses with them.

use crate::platform::tenant::{Permission, Role};
use crate::platform::web::pager::KeyKind;

/// Why somebody may not change or remove a member; `Ok` when they may.
///
/// Nobody edits their own role, nobody acts above their own rank, and the last owner stays.
pub fn may_change(
    actor: &Role,
    is_self: bool,
    target: &Role,
    is_last_owner: bool,
) -> Result<(), &'static str> {
    if is_self {
        Err("Nobody changes their own role.")
    } else if !actor.can(Permission::ManageMembers) {
        Err("Your role does not include managing members.")
    } else if !actor.reaches(target.rank) {
        Err("This role is above yours.")
    } else if is_last_owner {
        Err("The only owner stays.")
    } else {
        Ok(())
    }
}

/// Whether somebody with this role, who can act or not, is the last of `owners` who can.
pub fn is_last_owner(role: &Role, can_act: bool, owners: i64) -> bool {
    role.key.is_owner() && can_act && owners <= 1
}

/// Why a member may not leave; `Ok` when they may.
pub fn may_leave(role: &Role, owners: i64) -> Result<(), &'static str> {
    if role.key.is_owner() && owners <= 1 {
        Err("You are the only owner. Make somebody else an owner first.")
    } else {
        Ok(())
    }
}

/// Why somebody may not act on an invitation for `offered`; `Ok` when they may.
pub fn may_invite(actor: &Role, offered: &Role) -> Result<(), &'static str> {
    if !actor.can(Permission::InviteMembers) {
        Err("Your role does not include inviting people.")
    } else if !actor.reaches(offered.rank) {
        Err("This role is above yours.")
    } else {
        Ok(())
    }
}

/// What the table is sorted by; each has the direction that people expect of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sort {
    /// By name, from A.
    #[default]
    Name,
    /// By role, the mightiest first.
    Role,
    /// By the day they joined or were invited, the newest first.
    Joined,
    /// By the day they were last active, the most recent first.
    Active,
}

impl Sort {
    /// All of them, as the table's columns stand.
    pub const ALL: [Self; 4] = [Self::Name, Self::Role, Self::Joined, Self::Active];

    /// Its word in the URL.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Role => "role",
            Self::Joined => "joined",
            Self::Active => "active",
        }
    }

    /// The heading of its column.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Role => "Role",
            Self::Joined => "Joined",
            Self::Active => "Last active",
        }
    }

    /// Whether the greatest comes first.
    pub const fn is_descending(self) -> bool {
        !matches!(self, Self::Name)
    }

    /// What kind of key its rows are sorted by.
    pub const fn key_kind(self) -> KeyKind {
        match self {
            Self::Name => KeyKind::Text,
            Self::Role => KeyKind::Number,
            Self::Joined | Self::Active => KeyKind::Time,
        }
    }

    /// The sort with this word; the first one for any other.
    pub fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|sort| sort.word() == word).unwrap_or_default()
    }
}
