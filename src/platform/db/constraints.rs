//! Unique constraints by one name on both engines, so that a broken one becomes a field's error.

use std::fmt;

/// A unique index or constraint that people can run into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unique {
    /// Its name in the schema, as PostgreSQL reports it.
    pub name: &'static str,
    /// Its columns, as SQLite reports it instead of the name.
    pub columns: &'static str,
}

/// One account for each address.
pub const USER_EMAIL: Unique = Unique { name: "users_email_key", columns: "users.email" };
/// An organization's slug is another's.
pub const SLUG_IN_USE: Unique =
    Unique { name: "organizations_slug_key", columns: "organizations.slug" };
/// An organization's slug is or was another's.
pub const SLUG_ONCE_USED: Unique =
    Unique { name: "organization_slugs_pkey", columns: "organization_slugs.slug" };
/// A client's name is another's.
pub const CLIENT_NAME: Unique =
    Unique { name: "clients_name", columns: "clients.organization_id, clients.name_key" };
/// A project's code is another's.
pub const PROJECT_CODE: Unique =
    Unique { name: "projects_code", columns: "projects.organization_id, projects.code" };
/// A person has a filter of this name for this list.
pub const FILTER_NAME: Unique = Unique {
    name: "saved_filters_name",
    columns: "saved_filters.organization_id, saved_filters.membership_id, saved_filters.list, \
              saved_filters.name",
};
/// All of them, for the test that holds this list against both schemas.
pub const ALL: &[Unique] =
    &[USER_EMAIL, SLUG_IN_USE, SLUG_ONCE_USED, CLIENT_NAME, PROJECT_CODE, FILTER_NAME];

/// What a rule of the application's says in the place of a constraint, where no index can hold it.
#[derive(Debug)]
pub struct Broken(pub Unique);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is as good as broken", self.0.name)
    }
}

impl std::error::Error for Broken {}

/// Whether `error` says that `unique` was broken.
pub fn breaks(error: &sqlx::Error, unique: Unique) -> bool {
    let Some(error) = error.as_database_error().filter(|error| error.is_unique_violation()) else {
        return false;
    };
    match error.constraint() {
        Some(name) => name == unique.name,
        None => error.message().ends_with(&format!(": {}", unique.columns)),
    }
}
