//! The tables, each declared by its feature: the rights that the application needs, and the table's
//! place in the locking order.

/// A table of the schema.
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The rights of the application's role, in SQL's words.
    pub rights: &'static str,
    /// The rights of the role for look-ups outside organizations.
    pub rights_outside: Option<&'static str>,
    /// Its place in the order in which a transaction locks rows, the lowest first; `None` for a
    /// table whose rows are never locked.
    pub locked: Option<u32>,
}

inventory::collect!(Table);

/// All tables.
pub fn all() -> impl Iterator<Item = &'static Table> {
    inventory::iter::<Table>.into_iter()
}

/// Declares tables: `"labels": "select, insert", outside "select", locked 272;`.
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

/// The rights, if there are any.
macro_rules! given {
    () => {
        None
    };
    ($value:expr) => {
        Some($value)
    };
}
pub(crate) use given;

// The platform's own tables.
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
