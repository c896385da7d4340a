//! What the platform must know about a plain noun, in one declaration.

/// Declares a noun whose rows are created, changed, archived and deleted by the same people: its kind
/// in the audit log, its table, its unique name, its permission, and what is recorded of its life.
///
/// ```text
/// noun! {
///     "label", "Labels", id LabelId, in "labels" locked 272;
///     unique name, else "Another label has this name.";
///     /// Create, change, archive and delete labels.
///     edited by EditLabels, "change its labels", MEMBERS, Writing;
/// }
/// ```
///
/// The first line is the word for one, the heading for many, the type of the id (unless it is declared
/// elsewhere), the table, and its place among
/// [locks](crate::platform::db::tables::Table::locked). A noun of two words says so:
/// `"time_entry" called "time entry", "Time entries"`. The table has a unique index over
/// `organization_id` and `name_key` whose name is the table's and `_name`; `searched by "name || notes"`
/// says that it also has a `search_key`, of that text. The words after the permission follow "lets
/// you", then come the built-in roles that include it, and which visits of operators do.
/// `kept while "exists (…)"` keeps deleted rows for which that is true; all others are removed thirty
/// days after they were deleted. People find a row by the words of its name; with `found by notes`, by
/// those of other columns, too.
///
/// What belongs to a project has `unique name in project_id`, and an index over `organization_id`,
/// `project_id` and `name_key`; roles in the project replace the permission, so that there is no
/// `edited by`.
///
/// The declaration makes the constants `KIND`, `NAME` (the constraint) and `LIFE`.
macro_rules! noun {
    (
        $word:literal $(called $one:literal)?, $heading:literal, $(id $id:ident,)?
            in $table:literal locked $place:literal;
        $(searched by $searched:literal;)?
        unique name $(in $parent:ident)?, else $taken:literal;
        $(
            $(#[$doc:meta])*
            edited by $permission:ident, $does:literal, $built_in:expr, $visits:ident;
        )?
        $(kept while $held:literal;)?
        $(found by $($text:ident),+;)?
    ) => {
        $($crate::platform::ids::id!(
            #[doc = concat!("The identifier of a row of `", $table, "`.")]
            $id
        );)?

        $crate::platform::audit::kinds! {
            #[doc = concat!("The kind of the rows of `", $table, "`.")]
            pub KIND = $word $(called $one)?, Some($heading);
        }

        $crate::platform::db::tables::tables! {
            $table: "select, insert, update, delete", locked $place;
        }

        $crate::platform::db::text_keys::keyed!(
            $word, $table by name unique $(in $parent)? $(, searched $searched)?
        );

        #[doc = concat!("The rows of `", $table, "` have different names.")]
        pub const NAME: $crate::platform::db::constraints::Unique =
            $crate::platform::db::constraints::Unique {
                name: concat!($table, "_name"),
                columns: concat!(
                    $table, ".organization_id, ",
                    $($table, ".", stringify!($parent), ", ",)?
                    $table, ".name_key"
                ),
                field: Some(("name", $taken)),
            };
        inventory::submit!(NAME);

        $($crate::platform::tenant::permission::permissions! {
            $(#[$doc])*
            pub $permission = concat!($table, ".edit"), $does, $built_in, $visits;
        })?

        $crate::platform::noun::actions::life_actions! {
            pub LIFE = $word, concat!("the ", $crate::platform::words::first!($($one,)? $word), " {}");
        }

        $crate::platform::retention::purged!($table $(, unless $held)?);
        $crate::platform::search::searchable!(
            KIND, $table $(in $parent)? by name $($(, $text)+)?
        );
    };
}
pub(crate) use noun;
