//! Column values, read from one engine and written to the other without loss.

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Decode, Row, Type, TypeInfo, ValueRef};
use time::Date;
use uuid::Uuid;

use crate::platform::clock::Timestamp;

/// The column types that the migrations use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Uuid,
    Text,
    Bytes,
    /// `bigint`.
    Long,
    /// `integer`, which PostgreSQL distinguishes from `bigint`.
    Short,
    Flag,
    Day,
    Time,
}

impl Kind {
    /// Parses a type in a migration or a catalogue.
    pub fn of(declared: &str) -> Option<Self> {
        Some(match declared.to_ascii_lowercase().as_str() {
            "uuid" => Self::Uuid,
            "text" => Self::Text,
            "bytea" => Self::Bytes,
            "bigint" => Self::Long,
            "integer" => Self::Short,
            "boolean" => Self::Flag,
            "date" => Self::Day,
            "timestamptz" | "timestamp with time zone" => Self::Time,
            _ => return None,
        })
    }
}

/// A value of one of these types.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Nothing,
    Uuid(Uuid),
    Text(String),
    Bytes(Vec<u8>),
    Number(i64),
    Flag(bool),
    Day(Date),
    Time(Timestamp),
    /// A value in SQLite that does not have the column's type.
    Unreadable {
        bytes: Vec<u8>,
        /// Whether it is damaged text in a text column.
        is_text: bool,
    },
}

impl Value {
    /// Reads a value from SQLite, which stores values of any type, and on a damaged disk possibly
    /// anything.
    pub fn of_sqlite(row: &SqliteRow, at: usize, kind: Kind) -> Result<Self, sqlx::Error> {
        let is_of_its_type = |value: &Self| match value {
            Self::Number(number) if kind == Kind::Short => i32::try_from(*number).is_ok(),
            // PostgreSQL cannot store NUL, and no form accepts it.
            Self::Text(text) => !text.contains('\0'),
            _ => true,
        };
        match Self::of(row, at, kind) {
            Ok(value) if is_of_its_type(&value) => Ok(value),
            Ok(_) | Err(sqlx::Error::ColumnDecode { .. }) => Ok(Self::Unreadable {
                bytes: row.try_get_unchecked(at)?,
                is_text: kind == Kind::Text && row.try_get_raw(at)?.type_info().name() == "TEXT",
            }),
            Err(other) => Err(other),
        }
    }

    pub fn of_postgres(row: &PgRow, at: usize, kind: Kind) -> Result<Self, sqlx::Error> {
        Ok(match kind {
            Kind::Short => {
                get::<_, i32>(row, at)?.map_or(Self::Nothing, |short| Self::Number(short.into()))
            }
            kind => Self::of(row, at, kind)?,
        })
    }

    fn of<R: Row>(row: &R, at: usize, kind: Kind) -> Result<Self, sqlx::Error>
    where
        usize: sqlx::ColumnIndex<R>,
        for<'r> Uuid: Decode<'r, R::Database> + Type<R::Database>,
        for<'r> String: Decode<'r, R::Database> + Type<R::Database>,
        for<'r> Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
        for<'r> i64: Decode<'r, R::Database> + Type<R::Database>,
        for<'r> bool: Decode<'r, R::Database> + Type<R::Database>,
        for<'r> Date: Decode<'r, R::Database> + Type<R::Database>,
        for<'r> Timestamp: Decode<'r, R::Database> + Type<R::Database>,
    {
        let value = match kind {
            Kind::Uuid => get(row, at)?.map(Self::Uuid),
            Kind::Text => get(row, at)?.map(Self::Text),
            Kind::Bytes => get(row, at)?.map(Self::Bytes),
            Kind::Long | Kind::Short => get(row, at)?.map(Self::Number),
            Kind::Flag => get(row, at)?.map(Self::Flag),
            Kind::Day => get(row, at)?.map(Self::Day),
            Kind::Time => get(row, at)?.map(Self::Time),
        };
        Ok(value.unwrap_or(Self::Nothing))
    }

    pub fn bind_sqlite(&self, kind: Kind, to: &mut SqliteArguments) -> Result<(), sqlx::Error> {
        match (self, kind) {
            (Self::Nothing, _) => to.add(None::<i64>),
            (Self::Uuid(uuid), _) => to.add(*uuid),
            (Self::Text(text), _) => to.add(text.clone()),
            (Self::Bytes(bytes), _) => to.add(bytes.clone()),
            (Self::Number(number), _) => to.add(*number),
            (Self::Flag(flag), _) => to.add(*flag),
            (Self::Day(day), _) => to.add(*day),
            (Self::Time(time), _) => to.add(*time),
            (Self::Unreadable { .. }, _) => return Err(unreadable()),
        }
        .map_err(sqlx::Error::Encode)
    }

    pub fn bind_postgres(&self, kind: Kind, to: &mut PgArguments) -> Result<(), sqlx::Error> {
        match (self, kind) {
            (Self::Nothing, Kind::Uuid) => to.add(None::<Uuid>),
            (Self::Nothing, Kind::Text) => to.add(None::<String>),
            (Self::Nothing, Kind::Bytes) => to.add(None::<Vec<u8>>),
            (Self::Nothing, Kind::Long) => to.add(None::<i64>),
            (Self::Nothing, Kind::Short) => to.add(None::<i32>),
            (Self::Nothing, Kind::Flag) => to.add(None::<bool>),
            (Self::Nothing, Kind::Day) => to.add(None::<Date>),
            (Self::Nothing, Kind::Time) => to.add(None::<Timestamp>),
            (Self::Uuid(uuid), _) => to.add(*uuid),
            (Self::Text(text), _) => to.add(text.as_str()),
            (Self::Bytes(bytes), _) => to.add(bytes.as_slice()),
            (Self::Number(number), Kind::Short) => to
                .add(i32::try_from(*number).map_err(|error| sqlx::Error::Encode(Box::new(error)))?),
            (Self::Number(number), _) => to.add(*number),
            (Self::Flag(flag), _) => to.add(*flag),
            (Self::Day(day), _) => to.add(*day),
            (Self::Time(time), _) => to.add(*time),
            (Self::Unreadable { .. }, _) => return Err(unreadable()),
        }
        .map_err(sqlx::Error::Encode)
    }

    /// Adds bytes that distinguish this value from all others, identical on both engines.
    pub fn digest_into(&self, bytes: &mut Vec<u8>) {
        let mut add = |tag: u8, content: &[u8]| {
            bytes.push(tag);
            bytes.extend((content.len() as u64).to_be_bytes());
            bytes.extend(content);
        };
        match self {
            Self::Nothing => add(0, &[]),
            Self::Uuid(uuid) => add(1, uuid.as_bytes()),
            Self::Text(text) => add(2, text.as_bytes()),
            Self::Bytes(content) => add(3, content),
            Self::Number(number) => add(4, &number.to_be_bytes()),
            Self::Flag(flag) => add(5, &[u8::from(*flag)]),
            Self::Day(day) => add(6, &day.to_julian_day().to_be_bytes()),
            Self::Time(time) => add(7, &time.as_micros().to_be_bytes()),
            Self::Unreadable { bytes, .. } => add(8, bytes),
        }
    }

    /// About how much memory it takes, in bytes.
    pub fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len() + 32,
            Self::Bytes(bytes) | Self::Unreadable { bytes, .. } => bytes.len() + 32,
            _ => 32,
        }
    }
}

fn unreadable() -> sqlx::Error {
    sqlx::Error::Encode("a value that could not be read".into())
}

/// The value at an index of a row. On SQLite, whose columns accept any type, a value with another
/// type than the declared one is an error.
fn get<R: Row, T>(row: &R, at: usize) -> Result<Option<T>, sqlx::Error>
where
    usize: sqlx::ColumnIndex<R>,
    T: for<'r> Decode<'r, R::Database> + Type<R::Database>,
{
    let is_null = row.try_get_raw(at)?.is_null();
    if is_null { Ok(None) } else { row.try_get::<T, usize>(at).map(Some) }
}
