//! One SQL text on two engines: SQLite embedded in the process, or PostgreSQL.
//!
//! Nothing outside `platform` can name [`Db`] or [`Tx`]: features reach rows through
//! [`OrgTx`](crate::platform::tenant::OrgTx) and, for the few things that belong to no
//! organization, through [`UnscopedTx`](crate::platform::tenant::UnscopedTx).

pub mod checkup;
mod confine;
mod connect;
pub mod constraints;
pub mod fault;
pub mod grants;
mod held;
mod hold;
pub(crate) mod join;
pub mod locks;
mod migrate;
mod migrator;
pub(crate) mod named;
mod planning;
mod pooler;
mod query;
mod reach;
pub mod row;
pub mod safety;
mod size;
mod sqlite;
pub mod statement;
pub mod tables;
pub mod text_keys;
pub mod transfer;
mod tx;

pub(in crate::platform) use connect::ReadOrWrite;
pub use connect::{CONNECTIONS, Db, Engine, Patience};
pub use hold::{Hold, HoldError, hold};
pub use migrate::{MigrateError, Schema, is_current, migrate, schema};
pub(in crate::platform) use migrate::{migrate_to, newest_migration, version};
pub use migrator::hindrance;
pub use planning::PLANNING;
pub use pooler::Pooler;
pub use query::{Param, Query, Row, Runs};
pub use reach::{Unreachable, reach};
pub use size::{server_version, size};
pub use text_keys::Clash;
pub(in crate::platform) use tx::{Scope, Tx};

use super::text::key;

/// Stores a type as text: `FromStr` and `Display` convert it.
macro_rules! text_column {
    ($name:ty) => {
        $crate::platform::db::text_column!($name, |stored| Ok(stored.parse::<$name>()?));
    };
    // Values that were once valid can be read, whatever is accepted now.
    ($name:ty, $decode:expr) => {
        impl sqlx::Type<sqlx::Sqlite> for $name {
            fn type_info() -> sqlx::sqlite::SqliteTypeInfo {
                <String as sqlx::Type<sqlx::Sqlite>>::type_info()
            }
            fn compatible(ty: &sqlx::sqlite::SqliteTypeInfo) -> bool {
                <String as sqlx::Type<sqlx::Sqlite>>::compatible(ty)
            }
        }
        impl sqlx::Type<sqlx::Postgres> for $name {
            fn type_info() -> sqlx::postgres::PgTypeInfo {
                <String as sqlx::Type<sqlx::Postgres>>::type_info()
            }
            fn compatible(ty: &sqlx::postgres::PgTypeInfo) -> bool {
                <String as sqlx::Type<sqlx::Postgres>>::compatible(ty)
            }
        }
        impl<'q> sqlx::Encode<'q, sqlx::Sqlite> for $name {
            fn encode_by_ref(
                &self,
                args: &mut sqlx::sqlite::SqliteArgumentsBuffer,
            ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                <String as sqlx::Encode<'q, sqlx::Sqlite>>::encode(self.to_string(), args)
            }
        }
        impl<'q> sqlx::Encode<'q, sqlx::Postgres> for $name {
            fn encode_by_ref(
                &self,
                buf: &mut sqlx::postgres::PgArgumentBuffer,
            ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                <String as sqlx::Encode<'q, sqlx::Postgres>>::encode(self.to_string(), buf)
            }
        }
        impl<'r, D: sqlx::Database> sqlx::Decode<'r, D> for $name
        where
            &'r str: sqlx::Decode<'r, D>,
        {
            fn decode(value: D::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                let stored = <&str as sqlx::Decode<'r, D>>::decode(value)?;
                let decode: fn(&str) -> Result<$name, sqlx::error::BoxDynError> = $decode;
                decode(stored)
            }
        }
    };
}
pub(crate) use text_column;

/// The longest search text, in characters; SQLite refuses very long patterns.
const SEARCH_LENGTH: usize = 100;

/// A pattern for `like … escape '\'` that finds `text` anywhere in a column of keys, whatever its
/// spelling. The empty text finds everything.
pub fn like_pattern(text: &str) -> String {
    let text: String = text.chars().take(SEARCH_LENGTH).collect();
    containing(&key(&text))
}

/// A pattern for `like … escape '\'` that finds exactly `text`, of any length.
pub fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
