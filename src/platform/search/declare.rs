//! Which rows can be found, and by which of their texts.

use crate::platform::audit::{ObjectKind, case_by_kind};
use crate::platform::db::statement::TenantSql;

/// Why the statements that read texts for the index need not check who may see a project.
pub(crate) const SEARCHED: &str =
    "it keeps the index in step with a row, and shows nothing; searches check the project";

/// Rows that people can find by their words; declared with [`searchable!`].
pub struct Searchable {
    /// Their kind.
    pub kind: ObjectKind,
    /// The columns that are searched.
    pub fields: &'static [&'static str],
    /// SQL for the text of the row `l.object_id` from which a result shows an excerpt.
    pub text: &'static str,
    /// Reads the row `$2`, unless it was deleted.
    pub(crate) one: TenantSql,
    /// Reads the rows after `$2`, in the order of their ids, `$3` at most.
    pub(crate) many: TenantSql,
    /// Removes the words of rows that are gone.
    pub(crate) sweep: TenantSql,
}

inventory::collect!(Searchable);

impl Searchable {
    /// All of them, ordered by kind.
    pub fn all() -> Vec<&'static Self> {
        let mut all: Vec<_> = inventory::iter::<Self>.into_iter().collect();
        all.sort_by_key(|searchable| searchable.kind);
        all
    }

    /// A `case` over the texts of all kinds, for rows `l` with `object_kind` and `object_id`.
    pub fn texts() -> String {
        case_by_kind(Self::all().into_iter().map(|one| (one.kind, one.text)))
    }

    /// The one for the kind with this word.
    pub fn of(word: &str) -> Option<&'static Self> {
        inventory::iter::<Self>.into_iter().find(|searchable| searchable.kind.word() == word)
    }
}

/// Declares that the rows of a table can be found: `searchable!(KIND, "tasks" in project_id by title,
/// description)`. The first column counts more than the others, and so does a second one after `&`; a
/// table without a name has `by nothing` before its texts. What belongs to a project says in which
/// column its id is; for a project itself, that is `id`.
macro_rules! searchable {
    ($kind:expr, $table:literal $(in $project:ident)? by nothing $(, $text:ident)+) => {
        $crate::platform::search::searchable!(
            $kind, $table, "''", [$($text),+], [$($text),+], [$($project)?]
        );
    };
    (
        $kind:expr, $table:literal $(in $project:ident)? by $name:ident $(& $other:ident)?
        $(, $text:ident)*
    ) => {
        $crate::platform::search::searchable!(
            $kind, $table, concat!("s.", stringify!($name) $(, " || ' ' || s.", stringify!($other))?),
            [$name $(, $other)? $(, $text)*], [$($text),*], [$($project)?]
        );
    };
    (
        $kind:expr, $table:literal, $name:expr, [$($field:ident),+], [$($text:ident),*],
        [$($project:ident)?]
    ) => {
        inventory::submit!($crate::platform::search::Searchable {
            kind: $kind,
            fields: &[$(stringify!($field)),+],
            text: concat!(
                "select ''", $(" || s.", stringify!($text), " || '\n'",)*
                " from ", $table, " s where s.organization_id = $1 and s.id = l.object_id"
            ),
            one: $crate::platform::search::searchable!(
                $table, $name, [$($text),*], [$($project)?], "s.id = $2"
            ),
            many: $crate::platform::search::searchable!(
                $table, $name, [$($text),*], [$($project)?], "s.id > $2 order by s.id limit $3"
            ),
            sweep: $crate::platform::db::statement::sql!(
                unfiltered because $crate::platform::search::SEARCHED,
                $crate::platform::db::join::join!(
                    "delete from search_words where organization_id = $1 and kind = '",
                    $kind.word(),
                    "' and not exists (select 1 from ", $table,
                    " s where s.organization_id = $1 and s.id = search_words.id
                        and s.deleted_at is null)"
                )
            ),
        });
    };
    ($table:literal, $name:expr, [$($text:ident),*], [$($project:ident)?], $rows:literal) => {
        $crate::platform::db::statement::sql!(
            unfiltered because $crate::platform::search::SEARCHED,
            concat!(
                "select s.id, ", $name, " as name, ''",
                $(" || s.", stringify!($text), " || '\n'",)* " as text, ",
                $("s.", stringify!($project), " as project_id",)?
                $crate::platform::search::searchable!(project $($project)?),
                " from ", $table, " s where s.organization_id = $1 and s.deleted_at is null and ",
                $rows
            )
        )
    };
    (project) => {
        "cast(null as uuid) as project_id"
    };
    (project $project:ident) => {
        ""
    };
}
pub(crate) use searchable;
