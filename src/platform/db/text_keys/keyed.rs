//! Tables whose rows have keys, each declared by its feature.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::platform::db::Tx;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::TenantSql;
use crate::platform::ids::OrganizationId;
use crate::platform::text::{name_key, search_key};

/// Why the statements that read and write keys need not check who may see a project.
pub(crate) const EVERY_ROW: &str = "it gives every row today's keys, after the migrations";

/// A table whose rows have a key of their name, and perhaps one of everything that is searched;
/// declared with [`keyed!`].
pub struct Keyed {
    /// The table.
    pub table: &'static str,
    /// The word for one of its rows.
    pub word: &'static str,
    /// The columns that hold keys.
    pub columns: &'static [&'static str],
    /// Reads the rows of an organization, the earliest first.
    pub(crate) read: TenantSql,
    /// Sets the name key `$3` and, if there is one, the search key `$4` of the row `$2`.
    pub(crate) write: TenantSql,
    /// Whether rows that are not deleted must have different name keys, if they belong to the same
    /// parent, or to none.
    pub(crate) is_unique: bool,
}

inventory::collect!(Keyed);

/// Declares that a table has keys: `keyed!("task", "tasks" by title)` for a table with the column
/// `title_key`. With `searched "code || '\n' || name"` it has a `search_key` of that text too. With
/// `unique`, a row whose name counts as that of an earlier one gets a number appended to its key; with
/// `unique in project_id`, only if that one belongs to the same project.
macro_rules! keyed {
    (
        $word:literal, $table:literal by $name:ident $($unique:ident $(in $parent:ident)?)?
        $(, searched $searched:literal)?
    ) => {
        inventory::submit!($crate::platform::db::text_keys::Keyed {
            table: $table,
            word: $word,
            columns: &[
                concat!(stringify!($name), "_key"),
                $($crate::platform::db::text_keys::instead!($searched: "search_key"),)?
            ],
            read: $crate::platform::db::statement::sql!(
                unfiltered because $crate::platform::db::text_keys::EVERY_ROW,
                concat!(
                    "select id, ", stringify!($name), " as name, ", stringify!($name),
                    "_key as name_key, deleted_at is not null as is_deleted",
                    $($(", ", stringify!($parent), " as parent",)?)?
                    $(", ", $searched, " as searched, search_key",)?
                    " from ", $table, " where organization_id = $1 order by created_at, id"
                )
            ),
            write: $crate::platform::db::statement::sql!(
                unfiltered because $crate::platform::db::text_keys::EVERY_ROW,
                concat!(
                    "update ", $table, " set ", stringify!($name), "_key = $3",
                    $($crate::platform::db::text_keys::instead!($searched: ", search_key = $4"),)?
                    " where organization_id = $1 and id = $2"
                )
            ),
            is_unique: $crate::platform::db::text_keys::is_there!($($unique)?),
        });
    };
}
pub(crate) use keyed;

/// The second text, if there is a first one.
macro_rules! instead {
    ($there:literal: $text:literal) => {
        $text
    };
}
pub(crate) use instead;

/// Whether the word `unique` is there.
macro_rules! is_there {
    () => {
        false
    };
    (unique) => {
        true
    };
}
pub(crate) use is_there;

/// A row with its keys.
#[derive(FromRow)]
struct Row {
    id: Uuid,
    name: String,
    name_key: String,
    is_deleted: bool,
    /// What it belongs to, if names are unique inside that.
    #[sqlx(default)]
    parent: Option<Uuid>,
    /// The text of the search key, if the table has one.
    #[sqlx(default)]
    searched: Option<String>,
    #[sqlx(default)]
    search_key: Option<String>,
}

impl Keyed {
    /// Gives all rows of an organization their keys; returns those whose name now counts as that of
    /// an earlier one.
    pub(super) async fn bring_along(
        &self,
        tx: &mut Tx,
        id: OrganizationId,
    ) -> Result<Vec<(Uuid, String)>, sqlx::Error> {
        let rows: Vec<Row> = tx.tenant_query(self.read).bind(id).all().await?;
        let (keys, clashing) = self.keys(&rows);
        let is_wrong = |row: &&Row| {
            keys.get(&row.id) != Some(&row.name_key)
                || row.searched.as_deref().map(search_key) != row.search_key
        };
        let wrong: Vec<&Row> = rows.iter().filter(is_wrong).collect();
        if self.is_unique {
            // Until all rows have their new keys, one may still have a key that another needs.
            for row in &wrong {
                self.write(tx, id, row, &format!("\u{1}{}", row.id)).await?;
            }
        }
        for row in wrong {
            self.write(tx, id, row, keys.get(&row.id).map_or("", String::as_str)).await?;
        }
        Ok(clashing)
    }

    /// A key for each row, and the rows that got a number appended: among rows that are not deleted,
    /// the earliest one has the key itself.
    fn keys(&self, rows: &[Row]) -> (HashMap<Uuid, String>, Vec<(Uuid, String)>) {
        let (mut keys, mut clashing) = (HashMap::new(), Vec::new());
        let mut taken = HashSet::new();
        for row in rows {
            let key = name_key(&row.name);
            if !self.is_unique || row.is_deleted || taken.insert((row.parent, key.clone())) {
                keys.insert(row.id, key);
            } else {
                clashing.push(row);
            }
        }
        for row in &clashing {
            let key = name_key(&row.name);
            let mut numbered = (2..).map(|number| (row.parent, format!("{key} ({number})")));
            let free = numbered.find(|key| !taken.contains(key)).unwrap_or_default();
            keys.insert(row.id, free.1.clone());
            taken.insert(free);
        }
        (keys, clashing.into_iter().map(|row| (row.id, row.name.clone())).collect())
    }

    async fn write(
        &self,
        tx: &mut Tx,
        id: OrganizationId,
        row: &Row,
        name_key: &str,
    ) -> Result<(), sqlx::Error> {
        let query = tx.tenant_query(self.write).bind(id).bind(row.id).bind(name_key);
        let query = match &row.searched {
            Some(searched) => query.bind(search_key(searched)),
            None => query,
        };
        query.execute().await?;
        Ok(())
    }
}
