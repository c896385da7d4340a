//! The roles that every organization starts with.
//!
//! What they include is decided here and not by their rows: a permission that a new version brings is
//! theirs at once, in every organization, and no migration has to write it there. Their rows hold the
//! name, the description and the rank, and no permissions. An organization's own roles are rows alone.

use super::org_tx::OrgTx;
use super::permission::{Permission, Permissions};
use super::role::RoleKey;
use crate::platform::db::statement::sql;

struct BuiltIn {
    key: &'static str,
    name: &'static str,
    description: &'static str,
    rank: i64,
    permissions: &'static [Permission],
}

const BUILT_IN: [BuiltIn; 4] = [
    BuiltIn {
        key: "owner",
        name: "Owner",
        description: "Everything, and decides who else is an owner.",
        rank: 40,
        permissions: Permission::ALL,
    },
    BuiltIn {
        key: "admin",
        name: "Admin",
        description: "Invites and manages people, and changes the settings.",
        rank: 30,
        permissions: Permission::ALL,
    },
    BuiltIn {
        key: "member",
        name: "Member",
        description: "Works with the organization's data.",
        rank: 20,
        permissions: &[
            Permission::ViewMembers,
            Permission::EditClients,
            Permission::CreateProjects,
        ],
    },
    BuiltIn {
        key: "viewer",
        name: "Viewer",
        description: "Reads and changes nothing.",
        rank: 10,
        permissions: &[Permission::ViewMembers],
    },
];

/// What the built-in role `key` includes; `None` for a role that an organization made itself.
pub fn permissions(key: &RoleKey) -> Option<Permissions> {
    let role = BUILT_IN.iter().find(|role| role.key == key.as_str())?;
    Some(role.permissions.iter().copied().collect())
}

/// The keys of the built-in roles that include `permission`.
pub(super) fn with(permission: Permission) -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().filter(move |role| role.permissions.contains(&permission)).map(|role| role.key)
}

/// Whether `keys` are those of the built-in roles that include `permission`, mightiest first: for
/// statements that name them, so that the build fails when they name others.
pub(crate) const fn are_those_with(permission: Permission, keys: &[&str]) -> bool {
    let (mut role, mut found) = (0, 0);
    while role < BUILT_IN.len() {
        if holds(BUILT_IN[role].permissions, permission) {
            if found == keys.len() || !is_same(keys[found], BUILT_IN[role].key) {
                return false;
            }
            found += 1;
        }
        role += 1;
    }
    found == keys.len()
}

const fn holds(permissions: &[Permission], permission: Permission) -> bool {
    let mut at = 0;
    while at < permissions.len() {
        if permissions[at] as u8 == permission as u8 {
            return true;
        }
        at += 1;
    }
    false
}

const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// Gives a new organization the roles that every one starts with.
pub async fn create(tx: &mut OrgTx) -> Result<(), sqlx::Error> {
    for role in &BUILT_IN {
        tx.query(sql!(
            "insert into roles (organization_id, key, name, description, rank, permissions)
             values ($1, $2, $3, $4, $5, '')"
        ))
        .bind(role.key)
        .bind(role.name)
        .bind(role.description)
        .bind(role.rank)
        .execute()
        .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roles_with_a_permission_are_told_from_others() {
        assert!(are_those_with(Permission::ViewAudit, &["owner", "admin"]));
        assert!(!are_those_with(Permission::ViewAudit, &["owner"]));
        assert!(!are_those_with(Permission::ViewAudit, &["owner", "admin", "member"]));
        assert!(!are_those_with(Permission::ViewAudit, &["owner", "member"]));
        assert!(permissions(&RoleKey::from("owner-only".to_owned())).is_none());
    }
}
