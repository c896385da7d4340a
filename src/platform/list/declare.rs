//! The macro that declares a list.

/// Declares a list: a type that is a [`List`](super::List).
///
/// ```text
/// list! {
///     /// The labels of an organization.
///     pub Labels: LabelRow, filtered by Search, seen by Viewer;
///     sql(4) {
///         select join!(Label::COLUMNS, ", (select count(*) … and ", visible!("p"), ") as tasks"),
///         from "labels b",
///         where searched!("b", "name_key"),
///         id "b.id",
///     }
///     bind |filter, viewer| {
///         state: filter.state.0,
///         search: like_pattern(&filter.q),
///     } behind (viewer.sees_all(), viewer.membership())
///     id |row| row.record.id.uuid();
///     sort "name" "Name": Text "b.name_key" asc, |row| row.record.name_key.clone();
/// }
/// ```
///
/// `sql(2)` makes statements inside one organization, whose named parameters begin at `$2`. If
/// parts of the text have numbered parameters, as `visible!` has, the named ones begin after those,
/// whose values come `behind`: without `visible!`, the example does not compile. The list of what
/// belongs to one project names the project instead: `seen by ProjectId`, with
/// `sql(2, unfiltered because IN_PROJECT)`, `and m.project_id = $project` in the condition, and
/// `project: *project` bound. `unscoped_sql(1)` is for what belongs to no organization. Each statement
/// returns one page and the total number of rows. With `show …, as "u"`, these columns
/// are selected only for the rows of the page, which are called `u`.
macro_rules! list {
    (
        $(#[$meta:meta])*
        $vis:vis $name:ident: $row:ty, filtered by $filter:ty, seen by $scope:ty;
        $sql:ident $sql_is:tt $statement:tt
        bind |$filter_name:pat_param, $scope_name:pat_param| $params:tt $(behind ($($numbered:expr),+))?
        id |$row_name:ident| $id:expr;
        $(sort $word:literal $label:literal: $kind:ident $key_column:literal $order:ident,
            |$key_row:ident| $key:expr;)+
    ) => {
        $(#[$meta])*
        $vis struct $name;

        impl $crate::platform::list::List for $name {
            type Row = $row;
            type Filter = $filter;
            type Scope = $scope;
            type Sql = $crate::platform::list::declare::kind!($sql);
            const SORTS: &'static [$crate::platform::list::Sort<Self>] = &[$(
                $crate::platform::list::Sort {
                    word: $word,
                    label: $label,
                    kind: $crate::platform::list::KeyKind::$kind,
                    is_descending: $crate::platform::list::declare::descends!($order),
                    forward: $crate::platform::list::declare::page!(
                        forward $order $key_column, $sql $sql_is $statement $params
                    ),
                    backward: $crate::platform::list::declare::page!(
                        backward $order $key_column, $sql $sql_is $statement $params
                    ),
                    key: |$key_row: &$row| $crate::platform::list::Key::$kind($key),
                },
            )+];

            fn id($row_name: &$row) -> uuid::Uuid {
                $id
            }

            fn bind<'q>(
                $filter_name: &'q $filter,
                $scope_name: &'q $scope,
                query: $crate::platform::db::Query<'q>,
            ) -> $crate::platform::db::Query<'q> {
                let query = query$($(.bind($numbered))+)?;
                $crate::platform::list::declare::bound!(query $params)
            }
        }
    };
}
pub(crate) use list;

/// The type of the statements that a macro makes.
macro_rules! kind {
    (sql) => {
        $crate::platform::db::statement::TenantSql
    };
    (unscoped_sql) => {
        $crate::platform::db::statement::UnscopedSql
    };
}
pub(crate) use kind;

/// Whether an order is descending.
macro_rules! descends {
    (asc) => {
        false
    };
    (desc) => {
        true
    };
}
pub(crate) use descends;

/// A query with its parameters bound.
macro_rules! bound {
    ($query:ident { $($param:ident: $value:expr),* $(,)? }) => { $query$(.bind($value))* };
}
pub(crate) use bound;

/// The statement for a page of a list: the rows beyond the cursor, ordered by distance from it.
macro_rules! page {
    (forward asc $($rest:tt)+) => {
        $crate::platform::list::declare::page!(">" "asc" $($rest)+)
    };
    (forward desc $($rest:tt)+) => {
        $crate::platform::list::declare::page!("<" "desc" $($rest)+)
    };
    (backward asc $($rest:tt)+) => {
        $crate::platform::list::declare::page!("<" "desc" $($rest)+)
    };
    (backward desc $($rest:tt)+) => {
        $crate::platform::list::declare::page!(">" "asc" $($rest)+)
    };
    (
        $beyond:literal $order:literal $key:literal,
        $sql:ident($first:literal $(, unfiltered because $why:expr)?)
        { select $select:expr, from $from:expr, where $where:expr, id $id:literal $(,)? }
        { $($param:ident: $value:expr),* $(,)? }
    ) => {
        $crate::platform::db::statement::$sql!($(unfiltered because $why,)? $crate::platform::db::named::named!(
            $crate::platform::db::join::join!(
                "select ", $select, ", (select count(*) from ", $from, " where ", $where,
                ") as total from ", $from, " where ", $where, " and (", $key, ", ", $id, ") ",
                $beyond, " ($cursor_key, $cursor_id) order by ", $key, " ", $order, ", ", $id, " ",
                $order, " limit $page_limit"
            ),
            $first,
            [$($param,)* cursor_key, cursor_id, page_limit]
        ))
    };
    (
        $beyond:literal $order:literal $key:literal,
        $sql:ident($first:literal $(, unfiltered because $why:expr)?)
        {
            select $select:expr, from $from:expr, where $where:expr, id $id:literal,
            show $show:expr, as $alias:literal $(,)?
        }
        { $($param:ident: $value:expr),* $(,)? }
    ) => {
        $crate::platform::db::statement::$sql!($(unfiltered because $why,)? $crate::platform::db::named::named!(
            $crate::platform::db::join::join!(
                "select ", $show, ", ", $alias, ".total from (select ", $select, ", ", $key,
                " as sort_key, (select count(*) from ", $from, " where ", $where,
                ") as total from ", $from, " where ", $where, " and (", $key, ", ", $id, ") ",
                $beyond, " ($cursor_key, $cursor_id) order by ", $key, " ", $order, ", ", $id, " ",
                $order, " limit $page_limit) ", $alias, " order by ", $alias, ".sort_key ", $order,
                ", ", $alias, ".id ", $order
            ),
            $first,
            [$($param,)* cursor_key, cursor_id, page_limit]
        ))
    };
}
pub(crate) use page;
