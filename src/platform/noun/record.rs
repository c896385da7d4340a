//! Rows whose columns are written down once.

use serde::Serialize;

use super::life::Living;
use crate::platform::audit::{Action, Entry, ObjectKind};
use crate::platform::clock::Timestamp;
use crate::platform::db::Row;
use crate::platform::tenant::permission::Proof;
use crate::platform::tenant::{CurrentOrg, OrgTx};
use crate::platform::web::Section;

/// A row that people create and change as a whole; declared with [`record!`].
pub trait Record: Living + Row + Clone + Sync {
    /// What people write about it.
    type Details: Serialize + Clone + Send + Sync;
    /// What it belongs to inside its organization: `()`, or the id of its project.
    type Parent: Copy + Send + Sync;
    /// What it is in the audit log.
    const KIND: ObjectKind;

    /// What people have written about it.
    fn details(&self) -> &Self::Details;

    /// What it belongs to.
    fn parent(&self) -> Self::Parent;

    /// How often it was changed.
    fn version(&self) -> i64;

    /// What messages call a row with these details.
    fn called(details: &Self::Details) -> &str;

    /// That `action` was done to the row `id`, which has these details.
    fn entry_of(
        action: Action,
        parent: Self::Parent,
        id: Self::Id,
        details: &Self::Details,
    ) -> Entry;

    /// The row as it is now, deleted or not.
    fn read_again(
        &self,
        tx: &mut OrgTx,
    ) -> impl Future<Output = Result<Option<Self>, sqlx::Error>> + Send;

    /// Inserts a row, and gives its id.
    fn insert(
        tx: &mut OrgTx,
        parent: Self::Parent,
        details: &Self::Details,
        now: Timestamp,
    ) -> impl Future<Output = Result<Self::Id, sqlx::Error>> + Send;

    /// Saves new details of this row; says whether it was still as it is here, and not deleted.
    fn update(
        &self,
        tx: &mut OrgTx,
        details: &Self::Details,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, sqlx::Error>> + Send;
}

/// A [`Record`] that belongs to an organization and to nothing else in it.
pub trait InOrganization: Record<Parent = ()> {
    /// The permission to create and change it.
    type Edit: Proof;
    /// The section of the navigation that lists it, and below whose path each has its page.
    const SECTION: Section;

    /// The row `id`, deleted or not.
    fn find(
        tx: &mut OrgTx,
        id: Self::Id,
    ) -> impl Future<Output = Result<Option<Self>, sqlx::Error>> + Send;

    /// The path of the page of `id`.
    fn path<P: Proof>(org: &CurrentOrg<P>, id: Self::Id) -> String {
        org.organization.path(&format!("{}/{id}", Self::SECTION.path))
    }
}

/// Declares a row and what people write about it: two structs, the columns that a list selects, and
/// the statements that find, insert and update it.
///
/// ```text
/// record! {
///     /// A label.
///     pub Label: LabelId, "labels" as "l", of kind noun::KIND, told by noun::LABEL;
///     edited by EditLabels, in SECTION;
///     unique noun::LABEL_NAME;
///     /// What people write about a label.
///     details Details, called name {
///         name: String,
///         color: Color,
///     }
///     made |details, before, now| {
///         name_key: name_key(&details.name),
///     }
///     read {
///         /// What it is sorted by.
///         name_key: String = "l.name_key",
///     }
/// }
/// ```
///
/// The table has `version`, `created_at`, `updated_at`, `archived_at` and `deleted_at`. `in
/// project_id: ProjectId` behind the alias is for what belongs to something. `made` are columns that
/// are computed whenever the row is written: `before` is the row as it was, if there is one.
/// `appended` are columns that are set once, by an SQL text. `read` is selected in addition.
macro_rules! record {
    (
        $(#[$row_meta:meta])*
        $vis:vis $row:ident: $id:ty, $table:literal as $alias:literal
            $(in $parent:ident: $parent_type:ty)?, of kind $kind:expr, told by $actions:expr;
        $(edited by $permission:ty, in $section:expr;)?
        $(unique $unique:expr;)?
        $(entry $entry:expr;)?
        $(#[$details_meta:meta])*
        details $details:ident, called $called:ident {
            $($(#[$field_meta:meta])* $field:ident: $field_type:ty,)+
        }
        made |$made_details:pat_param, $made_before:pat_param, $made_now:pat_param| {
            $($made:ident: $made_value:expr,)*
        }
        $(appended { $($appended:ident: $appended_sql:literal,)+ })?
        read { $($(#[$read_meta:meta])* $read:ident: $read_type:ty = $read_sql:literal,)* }
    ) => {
        $(#[$row_meta])*
        #[derive(Clone, Debug, sqlx::FromRow)]
        $vis struct $row {
            /// Its identifier.
            pub id: $id,
            $(
                /// What it belongs to.
                pub $parent: $parent_type,
            )?
            /// What people write about it.
            #[sqlx(flatten)]
            pub details: $details,
            $($(#[$read_meta])* pub $read: $read_type,)*
            /// Counts its changes.
            pub version: i64,
            /// When it was created.
            pub created_at: $crate::platform::clock::Timestamp,
            /// When it was changed last.
            pub updated_at: $crate::platform::clock::Timestamp,
            /// When it was archived.
            pub archived_at: Option<$crate::platform::clock::Timestamp>,
            /// When it was deleted.
            pub deleted_at: Option<$crate::platform::clock::Timestamp>,
        }

        $(#[$details_meta])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
        $vis struct $details {
            $($(#[$field_meta])* pub $field: $field_type,)+
        }

        impl $row {
            /// Its columns, as a statement selects them that calls the table by its alias.
            pub const COLUMNS: &'static str = concat!(
                $alias, ".id, ",
                $($alias, ".", stringify!($parent), ", ",)?
                $($alias, ".", stringify!($field), ", ",)+
                $($read_sql, " as ", stringify!($read), ", ",)*
                $alias, ".version, ", $alias, ".created_at, ", $alias, ".updated_at, ",
                $alias, ".archived_at, ", $alias, ".deleted_at"
            );

            /// That `action` was done to this row.
            pub fn entry(
                &self,
                action: $crate::platform::audit::Action,
            ) -> $crate::platform::audit::Entry {
                $crate::platform::noun::life::Living::entry(self, action)
            }

            $(
                /// The row `id` of what it belongs to, deleted or not.
                pub async fn find(
                    tx: &mut $crate::platform::tenant::OrgTx,
                    $parent: $parent_type,
                    id: $id,
                ) -> Result<Option<Self>, sqlx::Error> {
                    tx.query($crate::platform::db::statement::sql!(
                        $crate::platform::db::join::join!(
                            "select ", $row::COLUMNS, " from ", $table, " ", $alias, " where ",
                            $alias, ".organization_id = $1 and ", $alias, ".id = $2 and ", $alias,
                            ".", stringify!($parent), " = $3"
                        )
                    ))
                    .bind(id)
                    .bind($parent)
                    .optional()
                    .await
                }
            )?
        }

        impl $crate::platform::noun::life::Living for $row {
            type Id = $id;
            const LIFE: $crate::platform::noun::life::Life =
                $crate::platform::noun::life::life!($table, $actions);
            $(const UNIQUE: Option<$crate::platform::db::constraints::Unique> = Some($unique);)?

            fn id(&self) -> $id {
                self.id
            }

            fn name(&self) -> &str {
                &self.details.$called
            }

            fn is_deleted(&self) -> bool {
                self.deleted_at.is_some()
            }

            fn entry(
                &self,
                action: $crate::platform::audit::Action,
            ) -> $crate::platform::audit::Entry {
                use $crate::platform::noun::Record as _;
                Self::entry_of(action, self.parent(), self.id, &self.details)
            }
        }

        impl $crate::platform::noun::Record for $row {
            type Details = $details;
            type Parent = $crate::platform::noun::record::parent!($($parent_type)?);
            const KIND: $crate::platform::audit::ObjectKind = $kind;

            fn details(&self) -> &$details {
                &self.details
            }

            #[allow(clippy::unused_unit, reason = "what belongs to nothing belongs to ()")]
            fn parent(&self) -> Self::Parent {
                $(self.$parent)?
            }

            fn version(&self) -> i64 {
                self.version
            }

            fn called(details: &$details) -> &str {
                &details.$called
            }

            fn entry_of(
                action: $crate::platform::audit::Action,
                parent: Self::Parent,
                id: $id,
                details: &$details,
            ) -> $crate::platform::audit::Entry {
                $crate::platform::noun::record::entry!(
                    (action, parent, id, details) $kind, $called $(, $parent)? $(; $entry)?
                )
            }

            async fn read_again(
                &self,
                tx: &mut $crate::platform::tenant::OrgTx,
            ) -> Result<Option<Self>, sqlx::Error> {
                tx.query($crate::platform::db::statement::sql!(
                    $crate::platform::db::join::join!(
                        "select ", $row::COLUMNS, " from ", $table, " ", $alias, " where ", $alias,
                        ".organization_id = $1 and ", $alias, ".id = $2"
                    )
                ))
                .bind(self.id)
                .optional()
                .await
            }

            async fn insert(
                tx: &mut $crate::platform::tenant::OrgTx,
                parent: Self::Parent,
                details: &$details,
                now: $crate::platform::clock::Timestamp,
            ) -> Result<$id, sqlx::Error> {
                let id = <$id>::new();
                let before: Option<&Self> = None;
                let ($made_details, $made_before, $made_now) = (details, before, now);
                let _ = parent;
                let query = tx.query($crate::platform::db::statement::sql!(
                    $crate::platform::db::named::named!(
                        concat!(
                            "insert into ", $table, " (organization_id, id",
                            $(", ", stringify!($parent),)?
                            $(", ", stringify!($field),)+
                            $(", ", stringify!($made),)*
                            $($(", ", stringify!($appended),)+)?
                            ", version, created_at, updated_at) values ($1, $id",
                            $(", $", stringify!($parent),)?
                            $(", $", stringify!($field),)+
                            $(", $", stringify!($made),)*
                            $($(", ", $appended_sql,)+)?
                            ", 1, $now, $now)"
                        ),
                        2,
                        [id, $($parent,)? $($field,)+ $($made,)* now]
                    )
                ));
                let query = query.bind(id);
                $(
                    let $parent = parent;
                    let query = query.bind($parent);
                )?
                let query = query$(.bind(details.$field.clone()))+$(.bind($made_value))*;
                query.bind(now).execute().await?;
                Ok(id)
            }

            async fn update(
                &self,
                tx: &mut $crate::platform::tenant::OrgTx,
                details: &$details,
                now: $crate::platform::clock::Timestamp,
            ) -> Result<bool, sqlx::Error> {
                let ($made_details, $made_before, $made_now) = (details, Some(self), now);
                let query = tx.query($crate::platform::db::statement::sql!(
                    $crate::platform::db::named::named!(
                        concat!(
                            "update ", $table, " set ",
                            $(stringify!($field), " = $", stringify!($field), ", ",)+
                            $(stringify!($made), " = $", stringify!($made), ", ",)*
                            "version = version + 1, updated_at = $now
                             where organization_id = $1 and id = $id and version = $version
                                and deleted_at is null"
                        ),
                        2,
                        [id, version, $($field,)+ $($made,)* now]
                    )
                ));
                let query = query.bind(self.id).bind(self.version);
                let query = query$(.bind(details.$field.clone()))+$(.bind($made_value))*;
                Ok(query.bind(now).execute().await? == 1)
            }
        }

        $(
            inventory::submit!($crate::platform::audit::Thing {
                kind: $kind,
                name: concat!(
                    "select ", $alias, ".", stringify!($called), " from ", $table, " ", $alias, " where ",
                    $alias, ".organization_id = l.organization_id and ", $alias,
                    ".id = l.object_id and ", $alias, ".deleted_at is null"
                ),
                parent: None,
                is_everybodys: true,
                path: |thing| {
                    use $crate::platform::noun::record::InOrganization as _;
                    format!("{}/{}", <$row>::SECTION.path, thing.id)
                },
            });

            impl $crate::platform::noun::record::InOrganization for $row {
                type Edit = $permission;
                const SECTION: $crate::platform::web::Section = $section;

                async fn find(
                    tx: &mut $crate::platform::tenant::OrgTx,
                    id: $id,
                ) -> Result<Option<Self>, sqlx::Error> {
                    tx.query($crate::platform::db::statement::sql!(
                        $crate::platform::db::join::join!(
                            "select ", $row::COLUMNS, " from ", $table, " ", $alias, " where ",
                            $alias, ".organization_id = $1 and ", $alias, ".id = $2"
                        )
                    ))
                    .bind(id)
                    .optional()
                    .await
                }
            }
        )?
    };
}
pub(crate) use record;

/// What a row belongs to inside its organization.
macro_rules! parent {
    () => {
        ()
    };
    ($type:ty) => {
        $type
    };
}
pub(crate) use parent;

/// The entry of the audit log about a row.
macro_rules! entry {
    (($action:ident, $parent:ident, $id:ident, $details:ident) $kind:expr, $called:ident) => {{
        let () = $parent;
        let object = $crate::platform::audit::Object::new($kind, $id.uuid(), &$details.$called);
        $crate::platform::audit::Entry::new($action, object)
    }};
    (
        ($action:ident, $parent:ident, $id:ident, $details:ident) $kind:expr, $called:ident,
        $name:ident
    ) => {{
        let object = $crate::platform::audit::Object::new($kind, $id.uuid(), &$details.$called);
        $crate::platform::audit::Entry::new($action, object).project($parent)
    }};
    (
        ($action:ident, $parent:ident, $id:ident, $details:ident) $kind:expr, $called:ident
        $(, $name:ident)?; $entry:expr
    ) => {{
        let _ = $parent;
        $entry($action, $id, $details)
    }};
}
pub(crate) use entry;
