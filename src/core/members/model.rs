//! Who may do what to whom, in words: the pages show these reasons, and the server refuses with
//! them.

use crate::core::members::noun::{InviteMembers, ManageMembers};
use crate::platform::tenant::Role;

/// Why somebody may not change or remove a member; `Ok` if they may.
///
/// Nobody changes their own role, nobody acts on somebody above their own rank, and the last owner
/// stays.
pub fn may_change(
    actor: &Role,
    is_self: bool,
    target: &Role,
    is_last_owner: bool,
) -> Result<(), &'static str> {
    if is_self {
        Err("You can't change your own role.")
    } else if !actor.can(ManageMembers::PERMISSION) {
        Err("Your role doesn't allow managing members.")
    } else if !actor.reaches(target.rank) {
        Err("This role is above yours.")
    } else if is_last_owner {
        Err("The only owner can't be changed or removed.")
    } else {
        Ok(())
    }
}

/// Whether a member with this role is the last of `owners` who can act; `can_act` says whether they
/// can.
pub fn is_last_owner(role: &Role, can_act: bool, owners: i64) -> bool {
    role.key.is_owner() && can_act && owners <= 1
}

/// Why a member may not leave; `Ok` if they may.
pub fn may_leave(role: &Role, owners: i64) -> Result<(), &'static str> {
    if role.key.is_owner() && owners <= 1 {
        Err("You're the only owner. Make someone else an owner first.")
    } else {
        Ok(())
    }
}

/// Why somebody may not act on an invitation for the role `offered`; `Ok` if they may.
pub fn may_invite(actor: &Role, offered: &Role) -> Result<(), &'static str> {
    if !actor.can(InviteMembers::PERMISSION) {
        Err("Your role doesn't allow inviting people.")
    } else if !actor.reaches(offered.rank) {
        Err("This role is above yours.")
    } else {
        Ok(())
    }
}
