//! The macro that declares a row.

/// Declares a row and the details that people enter: two structs, the columns that a list selects,
/// and the statements that find, insert and update the row.
///
/// ```text
/// record! {
///     /// A label.
///     pub Label: LabelId, "labels" as "b", of kind noun::KIND, told by noun::LIFE;
///     edited by EditLabels, in SECTION;
///     unique noun::NAME;
///     /// What people write about a label.
///     details Details, called name, sorted by name_key {
///         name: String,
///         colour: Colour,
///     }
/// }
/// ```
///
/// The table must have `version`, `created_at`, `updated_at`, `archived_at` and `deleted_at`, and the
/// column that rows are sorted by, whose value is computed from the name. If the row belongs to
/// something inside the organization, write `in project_id: ProjectId` after the alias. Such a row has
/// no `edited by` and `in`; instead, `changed by Contribute, at "/milestones"` says who changes it, and
/// where its list and its pages are below those of what it belongs to; with `listed at ""`, the list is
/// on the page of what it belongs to. A row whose pages are elsewhere has `at |thing| …` alone.
///
/// All of these may be left out: `unique`, the constraint that a restored row may violate; `entry`,
/// which builds the audit log's entry, if its object is not the row under its name; `made`, columns
/// that are computed whenever the row is written, `made |details, before, now| { search_key: … }`,
/// where `before` is the previous row, if there is one; `appended`, columns that are set once, by an
/// SQL expression; and `read`, what is selected in addition.
macro_rules! record {
    (
        $(#[$row_meta:meta])*
        $vis:vis $row:ident: $id:ty, $table:literal as $alias:literal
            $(in $parent:ident: $parent_type:ty)?, of kind $kind:expr, told by $actions:expr;
        $(edited by $permission:ty, in $section:expr;)?
        $(changed by $role:ty, at $part:literal $(, listed at $list:literal)?;)?
        $(at $path:expr;)?
        $(unique $unique:expr;)?
        $(entry $entry:expr;)?
        $(#[$details_meta:meta])*
        details $details:ident, called $called:ident, sorted by $key:ident {
            $($(#[$field_meta:meta])* $field:ident: $field_type:ty,)+
        }
        $(made |$made_details:pat_param, $made_before:pat_param, $made_now:pat_param| {
            $($made:ident: $made_value:expr,)*
        })?
        $(appended { $($appended:ident: $appended_sql:literal,)+ })?
        $(read { $($(#[$read_meta:meta])* $read:ident: $read_type:ty = $read_sql:literal,)* })?
    ) => {
        $(#[$row_meta])*
        #[derive(Clone, Debug, $crate::platform::db::row::FromRow)]
        $vis struct $row {
            /// Its identifier.
            pub id: $id,
            $(
                /// What it belongs to.
                pub $parent: $parent_type,
            )?
            /// The details that people enter.
            #[sqlx(flatten)]
            pub details: $details,
            /// The key of its name, which sorts it. If an earlier row must not share this key, a
            /// number is appended.
            pub $key: String,
            $($($(#[$read_meta])* pub $read: $read_type,)*)?
            /// The number of its changes.
            pub version: i64,
            /// When it was created.
            pub created_at: $crate::platform::clock::Timestamp,
            /// When it was last changed.
            pub updated_at: $crate::platform::clock::Timestamp,
            /// When it was archived.
            pub archived_at: Option<$crate::platform::clock::Timestamp>,
            /// When it was deleted.
            pub deleted_at: Option<$crate::platform::clock::Timestamp>,
        }

        $(#[$details_meta])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, $crate::platform::db::row::FromRow)]
        $vis struct $details {
            $($(#[$field_meta])* pub $field: $field_type,)+
        }

        $(inventory::submit!($crate::platform::audit::Field {
            kind: $kind.word(),
            name: stringify!($field),
            shown: <$field_type as $crate::platform::audit::Recorded>::SHOWN,
            is_told: true,
        });)+

        impl $row {
            /// Its columns, for a statement that gives the table its alias.
            pub const COLUMNS: &'static str = concat!(
                $alias, ".id, ",
                $($alias, ".", stringify!($parent), ", ",)?
                $($alias, ".", stringify!($field), ", ",)+
                $alias, ".", stringify!($key), ", ",
                $($($read_sql, " as ", stringify!($read), ", ",)*)?
                $alias, ".version, ", $alias, ".created_at, ", $alias, ".updated_at, ",
                $alias, ".archived_at, ", $alias, ".deleted_at"
            );

            /// The audit log's entry that `action` was done to this row.
            pub fn entry(
                &self,
                action: $crate::platform::audit::Action,
            ) -> $crate::platform::audit::Entry {
                $crate::platform::noun::life::Living::entry(self, action)
            }

            // Private: rows of a project may only be found by those who see the project.
            async fn by_id(
                tx: &mut $crate::platform::tenant::OrgTx,
                id: $id,
            ) -> Result<Option<Self>, sqlx::Error> {
                tx.query($crate::platform::noun::record::statements::find!(
                    $row, $table as $alias $(, edited by $permission)?
                ))
                .bind(id)
                .optional()
                .await
            }
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
            type Parent = $crate::platform::noun::record::parts::parent!($($parent_type)?);
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

            fn is_archived(&self) -> bool {
                self.archived_at.is_some()
            }

            fn entry_of(
                action: $crate::platform::audit::Action,
                parent: Self::Parent,
                id: $id,
                details: &$details,
            ) -> $crate::platform::audit::Entry {
                $crate::platform::noun::record::parts::entry!(
                    (action, parent, id, details) $kind, $called $(, $parent)? $(; $entry)?
                )
            }

            async fn read_again(
                &self,
                tx: &mut $crate::platform::tenant::OrgTx,
            ) -> Result<Option<Self>, sqlx::Error> {
                Self::by_id(tx, self.id).await
            }

            async fn insert(
                tx: &mut $crate::platform::tenant::OrgTx,
                parent: Self::Parent,
                details: &$details,
                now: $crate::platform::clock::Timestamp,
            ) -> Result<$id, sqlx::Error> {
                let id = <$id>::new();
                let key = $crate::platform::text::name_key(&details.$called);
                $(let ($made_details, $made_before, $made_now) = (details, None::<&Self>, now);)?
                let _ = parent;
                let query = tx.query($crate::platform::noun::record::statements::insert!(
                    $table, [$($parent,)? $($field,)+ $key, $($($made,)*)?]
                    $(appended [$($appended: $appended_sql,)+])?
                ));
                let query = query.bind(id);
                $(
                    let $parent = parent;
                    let query = query.bind($parent);
                )?
                let query = query$(.bind(details.$field.clone()))+.bind(key)$($(.bind($made_value))*)?;
                query.bind(now).execute().await?;
                Ok(id)
            }

            async fn update(
                &self,
                tx: &mut $crate::platform::tenant::OrgTx,
                details: &$details,
                now: $crate::platform::clock::Timestamp,
            ) -> Result<bool, sqlx::Error> {
                // A name that stays keeps its key, with the number that may be appended to it.
                let key = match details.$called == self.details.$called {
                    true => self.$key.clone(),
                    false => $crate::platform::text::name_key(&details.$called),
                };
                $(let ($made_details, $made_before, $made_now) = (details, Some(self), now);)?
                let query = tx.query($crate::platform::noun::record::statements::update!(
                    $table, [$($field,)+ $key, $($($made,)*)?]
                ));
                let query = query.bind(self.id).bind(self.version);
                let query = query$(.bind(details.$field.clone()))+.bind(key)$($(.bind($made_value))*)?;
                Ok(query.bind(now).execute().await? == 1)
            }
        }

        $(
            $crate::platform::noun::record::parts::thing!(
                $kind, $table, $called, false, $path
            );
        )?

        $(
            $crate::platform::noun::record::parts::thing!(
                $kind, $table, $called, false,
                |thing| thing.in_project(&format!(concat!($part, "/{}"), thing.id))
            );
        )?

        $crate::platform::noun::record::parts::inside!(
            $row: $id, $table as $alias $(, in $parent: $parent_type)?
            $(, by $role, at $part $(, listed at $list)?)?
        );

        $crate::platform::noun::record::parts::in_organization!(
            $row: $id, $kind, $table as $alias, called $called, sorted by $key
            $(, edited by $permission, in $section)?
        );
    };
}
pub(crate) use record;
