//! The statements of every declared row.

/// The statement that finds the row with the id `$2`; with `by`, also by what it belongs to, `$3`.
/// With `edited by`, every member may find the row, so that it must not belong to a project.
macro_rules! find {
    ($row:ident, $table:literal as $alias:literal) => {
        $crate::platform::db::statement::sql!(
            unfiltered because "it reads a row again for somebody who has it already",
            $crate::platform::noun::record::statements::found!($row, $table as $alias)
        )
    };
    ($row:ident, $table:literal as $alias:literal, by $parent:ident) => {
        $crate::platform::db::statement::sql!(
            unfiltered because "it finds a row by what it belongs to, which the caller has found",
            $crate::platform::noun::record::statements::found!($row, $table as $alias, by $parent)
        )
    };
    ($row:ident, $table:literal as $alias:literal, edited by $permission:ty) => {
        $crate::platform::db::statement::sql!(
            $crate::platform::noun::record::statements::found!($row, $table as $alias)
        )
    };
}
pub(crate) use find;

/// The statement that finds the row `$2` of an organization, and locks it against changes.
macro_rules! hold {
    ($row:ident, $table:literal as $alias:literal) => {
        $crate::platform::db::statement::sql!(
            // On SQLite, a transaction that changes something is already the only writer.
            sqlite: $crate::platform::noun::record::statements::found!($row, $table as $alias),
            postgres: $crate::platform::db::join::join!(
                $crate::platform::noun::record::statements::found!($row, $table as $alias),
                " for share of ", $alias
            ),
        )
    };
}
pub(crate) use hold;

/// The statement for the rows to choose from, and the row `$2`.
macro_rules! choices {
    ($table:literal, $called:ident by $key:ident) => {
        $crate::platform::db::statement::sql!(concat!(
            "select id, ",
            stringify!($called),
            " as name from ",
            $table,
            " where organization_id = $1
                and (archived_at is null and deleted_at is null or id = $2)
             order by ",
            stringify!($key),
            ", id
             limit 1000"
        ))
    };
}
pub(crate) use choices;

/// The text of the statement that finds a row.
macro_rules! found {
    ($row:ident, $table:literal as $alias:literal $(, by $parent:ident)?) => {
        $crate::platform::db::join::join!(
            "select ", $row::COLUMNS, " from ", $table, " ", $alias, " where ", $alias,
            ".organization_id = $1 and ", $alias, ".id = $2"
            $(, " and ", $alias, ".", stringify!($parent), " = $3")?
        )
    };
}
pub(crate) use found;

/// The statement that inserts a row. Its parameters are the id, the columns in their order, and the
/// time.
macro_rules! insert {
    ($table:literal, [$($column:ident,)+] $(appended [$($appended:ident: $sql:literal,)+])?) => {
        $crate::platform::db::statement::sql!(
            unfiltered because "a new row has nothing to hide from the person who adds it",
            $crate::platform::db::named::named!(
                concat!(
                    "insert into ", $table, " (organization_id, id",
                    $(", ", stringify!($column),)+
                    $($(", ", stringify!($appended),)+)?
                    ", version, created_at, updated_at) values ($1, $id",
                    $(", $", stringify!($column),)+
                    $($(", ", $sql,)+)?
                    ", 1, $now, $now)"
                ),
                2,
                [id, $($column,)+ now]
            )
        )
    };
}
pub(crate) use insert;

/// The statement that saves a row over a version of it. Its parameters are the id, that version,
/// the columns in their order, and the time.
macro_rules! update {
    ($table:literal, [$($column:ident,)+]) => {
        $crate::platform::db::statement::sql!(
            unfiltered because "it changes a row that the caller has found, and shows nothing",
            $crate::platform::db::named::named!(
                concat!(
                    "update ", $table, " set ",
                    $(stringify!($column), " = $", stringify!($column), ", ",)+
                    "version = version + 1, updated_at = $now
                     where organization_id = $1 and id = $id and version = $version
                        and deleted_at is null"
                ),
                2,
                [id, version, $($column,)+ now]
            )
        )
    };
}
pub(crate) use update;
