//! Why rows could not be copied.

use std::fmt;

/// How many table names are listed.
const SHOWN: usize = 5;

/// Why rows could not be copied.
#[derive(Debug)]
pub enum TransferError {
    /// The database does not respond, or refuses.
    Database(sqlx::Error),
    /// A row cannot be read or written.
    Row {
        /// Its table.
        table: String,
        /// Any error of the database.
        error: sqlx::Error,
    },
    /// On SQLite, a value does not have its column's type.
    Unreadable {
        /// Its table.
        table: String,
        /// Its column.
        column: String,
    },
    /// On PostgreSQL, this role does not own the tables.
    NotTheOwner(String),
    /// On PostgreSQL, rows of this table are hidden because its backup policy is missing.
    Hidden(String),
    /// A column has a type that is unknown here.
    Unknown {
        /// Its table.
        table: String,
        /// Its name.
        column: String,
        /// The type.
        declared: String,
    },
    /// These tables refer to each other in a cycle.
    Circle(String),
    /// A table or column of the schema is missing or different, as the beginning of a sentence
    /// says.
    Different(String),
    /// The target contains tables, or columns as `table.column`, that are not ours.
    Foreign(Vec<String>),
    /// The target is not empty: its tables, with their numbers of rows.
    NotEmpty(Vec<(String, u64)>),
    /// What was written differs from what was read.
    NotAlike(String),
    /// Nobody else may write to the source during the copy, but somebody does.
    WrittenTo,
    /// A service has connected to the source during the copy.
    Connected,
    /// Rows refer to missing ones, and cannot be repaired.
    BeyondRepair(String),
}

impl fmt::Display for TransferError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => error.fmt(f),
            Self::Row { table, error } => write!(f, "{table}: {error}"),
            Self::Unreadable { table, column } => {
                write!(f, "a value of {table}.{column} cannot be read")
            }
            Self::NotTheOwner(role) => write!(
                f,
                "the role {role} may not read every organization's rows, by design. Use the URL of \
                 the database's owner, as for `tenantry migrate`"
            ),
            Self::Hidden(table) => write!(
                f,
                "the rows of {table} are hidden from a backup. Run `tenantry migrate` with the URL \
                 of the database's owner, which mends that"
            ),
            Self::Unknown { table, column, declared } => {
                write!(f, "{table}.{column} is a {declared}, which is not known here")
            }
            Self::Circle(tables) => write!(f, "{tables} refer to each other in a circle"),
            Self::Different(what) => write!(f, "{what}, unlike in what the migrations make"),
            Self::Foreign(names) => {
                let more = if names.len() > SHOWN { ", …" } else { "" };
                let names = &names[..names.len().min(SHOWN)];
                write!(
                    f,
                    "the database contains things that are not Tenantry's ({}{more}): use an empty \
                     database",
                    names.join(", ")
                )
            }
            Self::NotEmpty(tables) => {
                let tables: Vec<String> = tables
                    .iter()
                    .take(SHOWN)
                    .map(|(name, rows)| format!("{name}: {rows}"))
                    .collect();
                write!(f, "the database is not empty (rows in {})", tables.join(", "))
            }
            Self::NotAlike(table) => {
                write!(f, "what was written to {table} is not what was read; nothing was kept")
            }
            Self::WrittenTo => f.write_str(
                "someone is writing to this database, which is not allowed while it is being \
                 moved: first stop the service, everywhere, and every other command",
            ),
            Self::Connected => f.write_str(
                "a service is connected to this PostgreSQL database: stop it first, everywhere",
            ),
            Self::BeyondRepair(table) => {
                write!(f, "rows of {table} refer to others that are gone, and cannot be mended")
            }
        }
    }
}

impl std::error::Error for TransferError {}

impl From<sqlx::Error> for TransferError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl TransferError {
    /// The database's error, if it is one.
    pub fn database(&self) -> Option<&sqlx::Error> {
        match self {
            Self::Database(error) | Self::Row { error, .. } => Some(error),
            _ => None,
        }
    }
}

/// Which of two databases has a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The database that is read.
    Source,
    /// The database that is written.
    Target,
}

/// Why one database could not be copied to another.
#[derive(Debug)]
pub struct CopyError {
    /// Which of the two has the problem.
    pub end: End,
    /// The problem.
    pub error: TransferError,
}

impl End {
    /// Turns an error of this database into a copy error.
    pub(super) fn failed<E: Into<TransferError>>(self) -> impl Fn(E) -> CopyError {
        move |error| CopyError { end: self, error: error.into() }
    }
}
