//! The roles that every organization starts with.
//!
//! Each permission declares which of them include it; their rows do not. So a permission that a new
//! version brings belongs to them at once, in every organization, without a migration. What they
//! are for is read from here, too. Of their rows, only the name and the rank count. An
//! organization's own roles are defined entirely by their rows.

use super::org_tx::OrgTx;
use super::permission::{Permission, Permissions};
use super::role::RoleKey;
use crate::platform::audit::{Shown, fields};
use crate::platform::db::statement::sql;

struct BuiltIn {
    key: &'static str,
    name: &'static str,
    description: &'static str,
    rank: i64,
}

const BUILT_IN: [BuiltIn; 4] = [
    BuiltIn {
        key: "owner",
        name: "Owner",
        description: "Full access, including ownership.",
        rank: 40,
    },
    BuiltIn {
        key: "admin",
        name: "Admin",
        description: "Can manage people and settings.",
        rank: 30,
    },
    BuiltIn {
        key: "member",
        name: "Member",
        description: "Can work with the organization's data.",
        rank: 20,
    },
    BuiltIn {
        key: "viewer",
        name: "Viewer",
        description: "Can view everything but change nothing.",
        rank: 10,
    },
];

fields! {
    "role": Shown::Word(|key| {
        BUILT_IN.iter().find(|role| role.key == key).map(|role| role.name.to_owned())
    });
}

/// A role within a sentence: a built-in one with its article, an organization's own by its name.
pub fn in_words(name: &str) -> String {
    match name {
        "Owner" => "an owner".to_owned(),
        "Admin" => "an admin".to_owned(),
        "Member" => "a member".to_owned(),
        "Viewer" => "a viewer".to_owned(),
        own => own.to_owned(),
    }
}

/// The built-in roles that include what every member of an organization may do.
pub const EVERYBODY: &[&str] = &["owner", "admin", "member", "viewer"];
/// The built-in roles that include what people who work with its data may do.
pub const MEMBERS: &[&str] = &["owner", "admin", "member"];
/// The built-in roles that include what people who administer it may do.
pub const ADMINS: &[&str] = &["owner", "admin"];

/// The permissions of the built-in role `key`; `None` for an organization's own role.
pub fn permissions(key: &RoleKey) -> Option<Permissions> {
    let role = BUILT_IN.iter().find(|role| role.key == key.as_str())?;
    let all = Permission::all().iter().copied();
    Some(all.filter(|permission| permission.built_in().contains(&role.key)).collect())
}

/// What the built-in role `key` is for; `None` for an organization's own role.
pub fn description(key: &RoleKey) -> Option<&'static str> {
    BUILT_IN.iter().find(|role| role.key == key.as_str()).map(|role| role.description)
}

/// Whether `keys` are exactly the built-in roles that include `permission`, highest first.
/// Statements that name such roles assert this, so that the build fails if they name others.
pub(crate) const fn are_those_with(permission: Permission, keys: &[&str]) -> bool {
    let known = permission.built_in();
    let mut at = 0;
    while at < known.len() && at < keys.len() {
        if !is_same(known[at], keys[at]) {
            return false;
        }
        at += 1;
    }
    known.len() == keys.len()
}

const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// Gives a new organization the built-in roles.
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
    use crate::platform::tenant::permission::Visits;

    #[test]
    fn the_roles_with_a_permission_are_told_from_others() {
        const AUDIT: Permission =
            Permission::new("audit.view", "see its audit log", ADMINS, Visits::Reading);
        assert!(are_those_with(AUDIT, &["owner", "admin"]));
        assert!(!are_those_with(AUDIT, &["owner"]));
        assert!(!are_those_with(AUDIT, &["owner", "admin", "member"]));
        assert!(!are_those_with(AUDIT, &["owner", "member"]));
        assert!(permissions(&RoleKey::from("owner-only".to_owned())).is_none());
    }
}
