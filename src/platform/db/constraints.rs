//! Unique constraints under one name for both engines, so that a violation becomes a field's error.

use std::fmt;

/// A unique index or constraint that people can violate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unique {
    /// Its name in the schema, as PostgreSQL reports it.
    pub name: &'static str,
    /// Its columns, which SQLite reports instead of the name.
    pub columns: &'static str,
    /// The form field at fault, and the error to show there.
    pub field: Option<(&'static str, &'static str)>,
}

inventory::collect!(Unique);

/// All unique constraints.
pub fn all() -> impl Iterator<Item = &'static Unique> {
    inventory::iter::<Unique>.into_iter()
}

/// Declares unique constraints of a feature:
/// `pub CLIENT_NAME = "clients_name" on "clients.name_key";`, followed by
/// `, else "name" "Another client has this name."` if a form's field shows an error.
macro_rules! uniques {
    ($(
        $(#[$doc:meta])* $vis:vis $name:ident = $constraint:literal on $columns:literal
            $(, else $field:literal $words:literal)?;
    )+) => {
        $(
            $(#[$doc])*
            $vis const $name: $crate::platform::db::constraints::Unique =
                $crate::platform::db::constraints::Unique {
                    name: $constraint,
                    columns: $columns,
                    field: [$(($field, $words))?].first().copied(),
                };
            inventory::submit!($name);
        )+
    };
}
pub(crate) use uniques;

/// The error of a rule in the application that replaces a constraint which no index can enforce.
#[derive(Debug)]
pub struct Broken(pub Unique);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is as good as broken", self.0.name)
    }
}

impl std::error::Error for Broken {}

/// Whether `error` reports a violation of `unique`.
pub fn breaks(error: &sqlx::Error, unique: Unique) -> bool {
    let Some(error) = error.as_database_error().filter(|error| error.is_unique_violation()) else {
        return false;
    };
    match error.constraint() {
        Some(name) => name == unique.name,
        None => error.message().ends_with(&format!(": {}", unique.columns)),
    }
}
