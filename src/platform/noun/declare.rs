//! What the platform must know about a plain noun, in one declaration.

/// Declares a noun whose rows are created, changed, archived and deleted by whoever has one
/// permission: its kind in the audit log, its table, its unique name, its permission, and what is
/// recorded of its life.
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
/// [locks](crate::platform::db::tables::Table::locked). The table has a unique index over
/// `organization_id` and `name_key` whose name is the table's and `_name`; `searched by "name || notes"`
/// says that it also has a `search_key`, of that text. The words after the permission follow "lets you", then come the built-in roles that include it, and which visits of
/// operators do. `kept while "exists (…)"` keeps deleted rows for which that is true; all others are
/// removed thirty days after they were deleted.
///
/// The declaration makes the constants `KIND`, `NAME` (the constraint) and `LIFE`.
macro_rules! noun {
    (
        $word:literal, $heading:literal, $(id $id:ident,)? in $table:literal locked $place:literal;
        $(searched by $searched:literal;)?
        unique name, else $taken:literal;
        $(#[$doc:meta])*
        edited by $permission:ident, $does:literal, $built_in:expr, $visits:ident;
        $(kept while $held:literal;)?
    ) => {
        $($crate::platform::ids::id!(
            #[doc = concat!("A ", $word, " of an organization.")]
            $id
        );)?

        $crate::platform::audit::kinds! {
            #[doc = concat!("A ", $word, ".")]
            pub KIND = $word, Some($heading);
        }

        $crate::platform::db::tables::tables! {
            $table: "select, insert, update, delete", locked $place;
        }

        $crate::platform::db::text_keys::keyed!(
            $word, $table by name unique $(, searched $searched)?
        );

        #[doc = concat!("Each name belongs to one ", $word, " of the organization.")]
        pub const NAME: $crate::platform::db::constraints::Unique =
            $crate::platform::db::constraints::Unique {
                name: concat!($table, "_name"),
                columns: concat!($table, ".organization_id, ", $table, ".name_key"),
                field: Some(("name", $taken)),
            };
        inventory::submit!(NAME);

        $crate::platform::tenant::permission::permissions! {
            $(#[$doc])*
            pub $permission = concat!($table, ".edit"), $does, $built_in, $visits;
        }

        $crate::platform::noun::actions::life_actions! {
            pub LIFE = $word, concat!("the ", $word, " {}");
        }

        $crate::platform::retention::purged!($table $(, unless $held)?);
    };
}
pub(crate) use noun;
