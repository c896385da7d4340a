//! The macro that declares a link.

/// Why the statements of a link need not check who may see a project.
pub(crate) const LINK_OF_FOUND: &str =
    "it links a row that the caller has found, or shows what that row has";

/// Declares the table of links, with its place among
/// [locks](crate::platform::db::tables::Table::locked), and its two columns beside the organization:
/// the row's, and the other's.
///
/// ```text
/// links! {
///     /// The labels on tasks.
///     pub TaskLabels = "task_labels" locked 276 with task_id: TaskId, label_id: LabelId;
///     Task, in CurrentProject<Contribute>, has "label", "Label": Label;
///     at "/orgs/{slug}/projects/{project}/tasks/{id}" "labels";
///     put on as "task.labelled", "put a label on the task {}";
///     taken off as "task.unlabelled", "took a label off the task {}";
/// }
/// ```
///
/// With the first line alone, the type has what [`Pairs`](super::Pairs) needs. The other lines are
/// for what people choose on a page: which row, in which place, has which others, with their word in
/// the audit log and in sentences, and their heading; the path of the row, and the part of its page
/// that has the links; and what is recorded.
macro_rules! links {
    (
        $(#[$meta:meta])*
        $vis:vis $name:ident = $table:literal locked $place:literal
            with $row:ident: $row_id:ty, $other:ident: $other_id:ty;
        $(
            $one:ty, in $extractor:ty, has $word:literal, $title:literal:
                $many:ident;
            at $path:literal $part:literal;
            put on as $put:literal, $put_phrase:literal;
            taken off as $taken:literal, $taken_phrase:literal;
        )?
    ) => {
        $(#[$meta])*
        #[derive(Debug)]
        $vis struct $name;

        $crate::platform::db::tables::tables! {
            $table: "select, insert, delete", locked $place;
        }

        impl $crate::platform::noun::link::Pairs for $name {
            type Row = $row_id;
            type Other = $other_id;

            const ADD: $crate::platform::db::statement::TenantSql =
                $crate::platform::db::statement::sql!(
                    unfiltered because $crate::platform::noun::link::declare::LINK_OF_FOUND,
                    concat!(
                        "insert into ", $table, " (organization_id, ", stringify!($row), ", ",
                        stringify!($other), ") values ($1, $2, $3)
                         on conflict (organization_id, ", stringify!($row), ", ",
                        stringify!($other), ") do nothing"
                    )
                );
            const REMOVE: $crate::platform::db::statement::TenantSql =
                $crate::platform::db::statement::sql!(
                    unfiltered because $crate::platform::noun::link::declare::LINK_OF_FOUND,
                    concat!(
                        "delete from ", $table, " where organization_id = $1 and ",
                        stringify!($row), " = $2 and ", stringify!($other), " = $3"
                    )
                );
            const OTHERS: $crate::platform::db::statement::TenantSql =
                $crate::platform::db::statement::sql!(
                    unfiltered because $crate::platform::noun::link::declare::LINK_OF_FOUND,
                    concat!(
                        "select ", stringify!($other), " from ", $table,
                        " where organization_id = $1 and ", stringify!($row), " = $2 limit 1000"
                    )
                );
        }

        $(
            $crate::platform::audit::actions! {
                PUT_ON = $put, $put_phrase;
                TAKEN_OFF = $taken, $taken_phrase;
            }

            inventory::submit!($crate::platform::audit::Field {
                kind: <$one as $crate::platform::noun::Record>::KIND.word(),
                name: $word,
                shown: $crate::platform::audit::Shown::Plain,
                is_told: true,
            });

            impl $crate::platform::noun::link::Link for $name {
                type One = $one;
                type Many = $many;
                type Place = $extractor;

                const AROUND: $crate::platform::db::statement::TenantSql = {
                    use $crate::platform::noun::record::InOrganization as Many;
                    const FROM: &str = <$many as Many>::FROM;
                    const OTHER: &str = <$many as Many>::ALIAS;
                    $crate::platform::db::statement::sql!(
                        unfiltered because $crate::platform::noun::link::declare::LINK_OF_FOUND,
                        $crate::platform::db::join::join!(
                            "select ", $many::COLUMNS, ", x.", stringify!($row),
                            " is not null as is_on from ", FROM, " left join ", $table,
                            " x on x.organization_id = ", OTHER, ".organization_id and x.",
                            stringify!($other), " = ", OTHER, ".id and x.", stringify!($row),
                            " = $2 where ", OTHER, ".organization_id = $1 and ", OTHER,
                            ".deleted_at is null and (", OTHER, ".archived_at is null or x.",
                            stringify!($row), " is not null) order by x.", stringify!($row),
                            " is null, ", <$many as Many>::KEY, ", ", OTHER, ".id limit 1000"
                        )
                    )
                };
                const WORD: &'static str = $word;
                const PART: &'static str = $part;
                const PATHS: [&'static str; 2] =
                    [concat!($path, "/", $part), concat!($path, "/", $part, "/remove")];
                const ACTIONS: [$crate::platform::audit::Action; 2] = [PUT_ON, TAKEN_OFF];
            }
        )?
    };
}
pub(crate) use links;
