//! The tables, each declared by the feature that it belongs to: what the application does to it, and
//! where it comes among what a transaction locks.

/// A table of the schema.
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// What the application's role may do to it, in SQL's words.
    pub rights: &'static str,
    /// What the role may do to it in which things are looked up outside organizations.
    pub rights_outside: Option<&'static str>,
    /// Its place in the order in which a transaction locks rows, from the lowest on; none for a table
    /// whose rows are never locked.
    pub locked: Option<u32>,
}

inventory::collect!(Table);

/// Every table.
pub fn all() -> impl Iterator<Item = &'static Table> {
    inventory::iter::<Table>.into_iter()
}

/// Declares tables: `"labels": "select, insert", outside "select", locked 275;`.
macro_rules! tables {
    ($($name:literal: $rights:literal $(, outside $outside:literal)? $(, locked $place:literal)?;)+) => {
        $(
            inventory::submit!($crate::platform::db::tables::Table {
                name: $name,
                rights: $rights,
                rights_outside: $crate::platform::db::tables::given!($($outside)?),
                locked: $crate::platform::db::tables::given!($($place)?),
            });
        )+
    };
}
pub(crate) use tables;

/// What is given, if something is.
macro_rules! given {
    () => {
        None
    };
    ($value:expr) => {
        Some($value)
    };
}
pub(crate) use given;

// The platform's own.
tables! {
    "_sqlx_migrations": "select";
    "data_migrations": "select", locked 390;
    "secret_keys": "select, insert, update, delete", outside "select, insert, update, delete", locked 380;
    "clock": "select, insert, update", outside "select, insert, update", locked 370;
    "sessions": "select, insert, update, delete", locked 320;
    "throttle": "select, insert, update, delete", outside "select, insert, update, delete", locked 340;
    "sent_forms": "select, insert, update, delete", outside "select, insert, update, delete", locked 10;
    "heartbeats": "select, insert, update", locked 360;
    "outbox": "select, insert, update, delete", outside "select, insert, update, delete", locked 350;
    "stranger_mails": "select, insert, update, delete", outside "select, insert, delete", locked 330;
    "jobs": "select, insert, update, delete", outside "select, insert, update, delete", locked 310;
    "roles": "select, insert, update", outside "select";
    "audit_log": "select, insert", outside "select, insert", locked 400;
    "audit_details": "select, insert, delete", outside "select, insert, delete", locked 410;
    "audit_chains": "select, insert, update", outside "select, insert, update", locked 420;
}
