//! Unique constraints by one name on both engines, so that a broken one becomes a field's error.

use std::fmt;

/// A unique index or constraint that people can run into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unique {
    /// Its name in the schema, as PostgreSQL reports it.
    pub name: &'static str,
    /// Its columns, as SQLite reports it instead of the name.
    pub columns: &'static str,
    /// The field of a form that is at fault, and what it is told.
    pub field: Option<(&'static str, &'static str)>,
}

inventory::collect!(Unique);

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Unique> {
    inventory::iter::<Unique>.into_iter()
}

/// Declares unique constraints of a feature: `pub CLIENT_NAME = "clients_name" on "clients.name_key";`,
/// with `, else "name" "Another client has this name."` where a form's field is told.
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
