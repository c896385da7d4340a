//! SQL texts as checked constants.
//!
//! [`sql!`] is for statements inside one organization: the build fails unless the text contains
//! `organization_id` and uses `$1`, which [`OrgTx`](crate::platform::tenant::OrgTx) binds before
//! the caller's values. [`unscoped_sql!`] is for the few things that belong to no organization.
//! Every text is registered, so that a test can prepare all of them on both engines.

use std::sync::LazyLock;

use super::Engine;

/// A statement inside one organization; `$1` is the organization.
#[derive(Clone, Copy, Debug)]
pub struct TenantSql(pub(super) Text);

/// A statement about something that belongs to no organization.
#[derive(Clone, Copy, Debug)]
pub struct UnscopedSql(pub(super) Text);

/// A statement's text, separate for each engine where they differ.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text {
    sqlite: &'static str,
    postgres: &'static str,
}

impl Text {
    pub(super) const fn on(self, engine: Engine) -> &'static str {
        match engine {
            Engine::Sqlite => self.sqlite,
            Engine::Postgres => self.postgres,
        }
    }
}

impl TenantSql {
    /// Checks `text` at compile time; use [`sql!`], which also registers it.
    ///
    /// # Panics
    /// At build time, when the text is not confined to one organization.
    pub const fn checked(text: &'static str) -> Self {
        assert_confined(text);
        Self(Text { sqlite: text, postgres: text })
    }

    /// Checks, at compile time, a statement whose text differs between the engines.
    ///
    /// # Panics
    /// At build time, when a text is not confined to one organization.
    pub const fn fork(sqlite: &'static str, postgres: &'static str) -> Self {
        assert_confined(sqlite);
        assert_confined(postgres);
        Self(Text { sqlite, postgres })
    }

    /// Its text for SQLite.
    pub const fn on_sqlite(self) -> &'static str {
        self.0.sqlite
    }

    /// Its text for PostgreSQL.
    pub const fn on_postgres(self) -> &'static str {
        self.0.postgres
    }

    /// The statement to run while a proof has removed its condition.
    #[cfg(feature = "prove")]
    pub(super) fn for_a_proof(self, engine: Engine) -> Self {
        let text = crate::platform::prove::statement(self.0.on(engine), engine);
        Self(Text { sqlite: text, postgres: text })
    }
}

impl UnscopedSql {
    /// A statement outside organizations; use [`unscoped_sql!`], which also registers it.
    pub const fn new(sqlite: &'static str, postgres: &'static str) -> Self {
        Self(Text { sqlite, postgres })
    }
}

const fn assert_confined(text: &str) {
    assert!(contains(text, "organization_id"), "a tenant statement must name organization_id");
    assert!(contains(text, "$1"), "a tenant statement must use $1, the organization");
}

/// Whether `text` contains `part`, which is not empty; usable at compile time.
const fn contains(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    let first = part[0];
    let mut start = 0;
    while start + part.len() <= text.len() {
        // The compiler interprets this for every byte of every statement.
        if text[start] != first {
            start += 1;
            continue;
        }
        let mut matched = 0;
        while matched < part.len() && text[start + matched] == part[matched] {
            matched += 1;
        }
        if matched == part.len() {
            return true;
        }
        start += 1;
    }
    false
}

/// A statement as the tests see it: its texts and its source.
#[derive(Debug)]
pub struct Registered {
    /// The text for SQLite.
    pub sqlite: &'static str,
    /// The text for PostgreSQL.
    pub postgres: &'static str,
    /// Whether it is confined to one organization.
    pub tenant: bool,
    /// Why it need not check who may see the project to which its rows belong. `None` if it does
    /// check that, or reads nothing that belongs to a project.
    pub unfiltered: Option<&'static str>,
    /// The source file, relative to the project's root.
    pub file: &'static str,
    /// The line in that file.
    pub line: u32,
}

inventory::collect!(Registered);

/// A statement assembled once from what features declare.
#[derive(Debug)]
pub struct Assembled {
    /// The statement.
    pub sql: &'static LazyLock<TenantSql>,
    /// The source file, relative to the project's root.
    pub file: &'static str,
    /// The line in that file.
    pub line: u32,
}

inventory::collect!(Assembled);

/// All statements of the program.
pub fn all() -> impl Iterator<Item = &'static Registered> {
    static ASSEMBLED: LazyLock<Vec<Registered>> = LazyLock::new(|| {
        let register = |Assembled { sql, file, line }: &'static Assembled| {
            let Text { sqlite, postgres } = sql.0;
            Registered { sqlite, postgres, tenant: true, unfiltered: None, file, line: *line }
        };
        inventory::iter::<Assembled>.into_iter().map(register).collect()
    });
    inventory::iter::<Registered>.into_iter().chain(ASSEMBLED.iter())
}

/// A statement inside one organization, assembled from what features declare:
/// `static EVENTS = assembled_sql!(text)`, where `text` returns a `String`. It is checked when it
/// is first run, and by the test that prepares all statements.
macro_rules! assembled_sql {
    ($(#[$doc:meta])* static $name:ident = $text:expr;) => {
        $(#[$doc])*
        static $name: std::sync::LazyLock<$crate::platform::db::statement::TenantSql> =
            std::sync::LazyLock::new(|| {
                $crate::platform::db::statement::TenantSql::checked(String::leak($text))
            });
        inventory::submit!($crate::platform::db::statement::Assembled {
            sql: &$name,
            file: file!(),
            line: line!(),
        });
    };
}
pub(crate) use assembled_sql;

/// A statement inside one organization, checked at compile time. With `sqlite:` and `postgres:` it
/// has a text for each engine, for cases in which one cannot serve both.
///
/// A test refuses a statement that reads what belongs to a project without checking who may see
/// the project. If something else guards the statement, say what, as a constant text, before the
/// text or texts: `sql!(unfiltered because IN_PROJECT, "select …")`.
macro_rules! sql {
    (
        $(unfiltered because $reason:expr,)?
        sqlite: $sqlite:expr, postgres: $postgres:expr $(,)?
    ) => {{
        const STATEMENT: $crate::platform::db::statement::TenantSql =
            $crate::platform::db::statement::TenantSql::fork($sqlite, $postgres);
        $crate::platform::db::statement::registered!(STATEMENT $(, $reason)?)
    }};
    (unfiltered because $reason:expr, $text:expr) => {{
        const STATEMENT: $crate::platform::db::statement::TenantSql =
            $crate::platform::db::statement::TenantSql::checked($text);
        $crate::platform::db::statement::registered!(STATEMENT, $reason)
    }};
    ($text:expr) => {{
        const STATEMENT: $crate::platform::db::statement::TenantSql =
            $crate::platform::db::statement::TenantSql::checked($text);
        $crate::platform::db::statement::registered!(STATEMENT)
    }};
}
pub(crate) use sql;

/// The statement, which is also registered.
macro_rules! registered {
    ($statement:ident $(, $reason:expr)?) => {{
        inventory::submit!($crate::platform::db::statement::Registered {
            sqlite: $statement.on_sqlite(),
            postgres: $statement.on_postgres(),
            tenant: true,
            unfiltered: $crate::platform::db::statement::reason!($($reason)?),
            file: file!(),
            line: line!(),
        });
        $statement
    }};
}
pub(crate) use registered;

/// The reason that a statement gives, if it gives one.
macro_rules! reason {
    () => {
        None
    };
    ($reason:expr) => {
        Some($reason)
    };
}
pub(crate) use reason;

/// A statement about something that belongs to no organization.
macro_rules! unscoped_sql {
    ($text:expr) => {{
        const TEXT: &str = $text;
        $crate::platform::db::statement::unscoped_sql!(sqlite: TEXT, postgres: TEXT)
    }};
    (sqlite: $sqlite:expr, postgres: $postgres:expr $(,)?) => {{
        const SQLITE: &str = $sqlite;
        const POSTGRES: &str = $postgres;
        const STATEMENT: $crate::platform::db::statement::UnscopedSql =
            $crate::platform::db::statement::UnscopedSql::new(SQLITE, POSTGRES);
        inventory::submit!($crate::platform::db::statement::Registered {
            sqlite: SQLITE,
            postgres: POSTGRES,
            tenant: false,
            unfiltered: None,
            file: file!(),
            line: line!(),
        });
        STATEMENT
    }};
}
pub(crate) use unscoped_sql;

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn contains_finds_a_part_anywhere_and_nothing_else() {
        assert!(contains("where organization_id = $1", "organization_id"));
        assert!(contains("$1", "$1"));
        assert!(!contains("where id = $2", "$1"));
        assert!(!contains("", "$1"));
    }
}
