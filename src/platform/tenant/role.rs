//! Roles: ranked sets of permissions, stored in each organization.

use std::fmt;
use std::str::FromStr;

use sqlx::{ColumnIndex, Decode, FromRow, Row, Type};

use super::built_in;
use super::org_tx::OrgTx;
use super::permission::{Permission, Permissions};
use crate::platform::db::statement::sql;

/// A role's key in addresses, forms and the database: `owner`, `admin`, `member`, `viewer`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct RoleKey(String);

impl RoleKey {
    /// The highest role; every organization keeps at least one member who holds it.
    pub fn owner() -> Self {
        Self("owner".to_owned())
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the role that an organization must always have a holder of.
    pub fn is_owner(&self) -> bool {
        self.0 == "owner"
    }
}

impl From<String> for RoleKey {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl FromStr for RoleKey {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for RoleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

crate::platform::db::text_column!(RoleKey);

/// A role of one organization.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its key in forms and addresses.
    pub key: RoleKey,
    /// Its name for people.
    pub name: String,
    /// What it is for, in one sentence.
    pub description: String,
    /// Its rank; a higher role has a larger number.
    pub rank: i64,
    /// What it allows.
    pub permissions: Permissions,
}

/// Read from the columns `role_key`, `role_name`, `role_description`, `role_rank` and
/// `role_permissions`. What a built-in role is for and what it allows come from the code, not from
/// its row.
impl<'r, R> FromRow<'r, R> for Role
where
    R: Row,
    &'r str: ColumnIndex<R>,
    RoleKey: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    Permissions: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        let key: RoleKey = row.try_get("role_key")?;
        let permissions = match built_in::permissions(&key) {
            Some(permissions) => permissions,
            None => row.try_get("role_permissions")?,
        };
        let description = match built_in::description(&key) {
            Some(description) => description.to_owned(),
            None => row.try_get("role_description")?,
        };
        Ok(Self {
            key,
            name: row.try_get("role_name")?,
            description,
            rank: row.try_get("role_rank")?,
            permissions,
        })
    }
}

impl Role {
    /// Whether this role includes `permission`.
    pub fn can(&self, permission: Permission) -> bool {
        self.permissions.include(permission)
    }

    /// Whether somebody with this role may grant, revoke or act on a role of `rank`.
    pub fn reaches(&self, rank: i64) -> bool {
        self.rank >= rank
    }
}

/// A role that the actor may grant: the only value that can be stored as somebody's role. Only
/// [`grant`] and [`Grant::founder`] make one.
#[derive(Clone, Debug)]
pub struct Grant(Role);

impl Grant {
    /// The role of the person who creates an organization.
    pub async fn founder(tx: &mut OrgTx) -> Result<Self, sqlx::Error> {
        let owner = find(tx, &RoleKey::owner()).await?;
        owner.map(Self).ok_or(sqlx::Error::RowNotFound)
    }

    /// The granted role.
    pub fn role(&self) -> &Role {
        &self.0
    }
}

/// The role `key`, if somebody with `giver`'s role may grant it; `None` if it ranks above theirs or
/// does not exist.
pub async fn grant(
    tx: &mut OrgTx,
    giver: &Role,
    key: &RoleKey,
) -> Result<Option<Grant>, sqlx::Error> {
    let role = find(tx, key).await?;
    Ok(role.filter(|role| giver.reaches(role.rank)).map(Grant))
}

/// Whether the organization has a role with this key.
pub async fn exists(tx: &mut OrgTx, key: &RoleKey) -> Result<bool, sqlx::Error> {
    Ok(find(tx, key).await?.is_some())
}

/// The roles of the organization, highest first.
pub async fn list(tx: &mut OrgTx) -> Result<Vec<Role>, sqlx::Error> {
    tx.query(sql!(
        "select key as role_key, name as role_name, description as role_description,
                rank as role_rank, permissions as role_permissions
         from roles
         where organization_id = $1
         order by rank desc
         limit 100"
    ))
    .all()
    .await
}

async fn find(tx: &mut OrgTx, key: &RoleKey) -> Result<Option<Role>, sqlx::Error> {
    tx.query(sql!(
        "select key as role_key, name as role_name, description as role_description,
                rank as role_rank, permissions as role_permissions
         from roles
         where organization_id = $1 and key = $2"
    ))
    .bind(key)
    .optional()
    .await
}
