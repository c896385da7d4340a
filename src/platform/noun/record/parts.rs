//! Parts of the declaration of a row.

/// The type of what a row belongs to inside its organization.
macro_rules! parent {
    () => {
        ()
    };
    ($type:ty) => {
        $type
    };
}
pub(crate) use parent;

/// The audit log's entry about a row.
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

/// The SQL for the ids and names of all rows of a table, if every member may see them.
macro_rules! names {
    ($table:literal, $called:ident, true) => {
        Some(concat!(
            "select thing.id, thing.",
            stringify!($called),
            " as name from ",
            $table,
            " thing where thing.organization_id = $1"
        ))
    };
    ($table:literal, $called:ident, false) => {
        None
    };
}
pub(crate) use names;

/// Declares how pages find the objects of entries.
macro_rules! thing {
    ($kind:expr, $table:literal, $called:ident, $is_everybodys:tt, $path:expr) => {
        inventory::submit!($crate::platform::audit::Thing {
            kind: $kind,
            // With an alias of its own, which is none of the statement that it becomes part of.
            name: concat!(
                "select thing.",
                stringify!($called),
                " from ",
                $table,
                " thing where thing.organization_id = $1 and thing.id = l.object_id
                    and thing.deleted_at is null"
            ),
            names: $crate::platform::noun::record::parts::names!($table, $called, $is_everybodys),
            parent: None,
            is_everybodys: $is_everybodys,
            path: $path,
        });
    };
}
pub(crate) use thing;

/// Says where the pages of a row are that belongs to something inside its organization.
macro_rules! inside {
    ($row:ident: $id:ty, $table:literal as $alias:literal $(, in $parent:ident: $type:ty)?) => {};
    (
        $row:ident: $id:ty, $table:literal as $alias:literal, in $parent:ident: $type:ty,
        by $role:ty, at $part:literal $(, listed at $list:literal)?
    ) => {
        impl $crate::platform::noun::record::Inside for $row {
            type Edit = $role;
            const PART: &'static str = $part;
            const LIST: &'static str = $crate::platform::words::first!($($list,)? $part);

            async fn find(
                tx: &mut $crate::platform::tenant::OrgTx,
                $parent: $type,
                id: $id,
            ) -> Result<Option<Self>, sqlx::Error> {
                tx.query($crate::platform::noun::record::statements::find!(
                    $row, $table as $alias, by $parent
                ))
                .bind(id)
                .bind($parent)
                .optional()
                .await
            }
        }
    };
}
pub(crate) use inside;

/// Declares what a row has that belongs to an organization and to nothing else inside it.
macro_rules! in_organization {
    (
        $row:ident: $id:ty, $kind:expr, $table:literal as $alias:literal, called $called:ident,
        sorted by $key:ident
    ) => {};
    (
        $row:ident: $id:ty, $kind:expr, $table:literal as $alias:literal, called $called:ident,
        sorted by $key:ident, edited by $permission:ty, in $section:expr
    ) => {
        $crate::platform::noun::record::parts::thing!($kind, $table, $called, true, |thing| {
            use $crate::platform::noun::record::InOrganization as _;
            format!("{}/{}", <$row>::SECTION.path, thing.id)
        });

        impl $crate::platform::noun::record::InOrganization for $row {
            type Edit = $permission;
            const SECTION: $crate::platform::web::Section = $section;
            const FROM: &'static str = concat!($table, " ", $alias);
            const ALIAS: &'static str = $alias;
            const KEY: &'static str = concat!($alias, ".", stringify!($key));

            async fn find(
                tx: &mut $crate::platform::tenant::OrgTx,
                id: $id,
            ) -> Result<Option<Self>, sqlx::Error> {
                Self::by_id(tx, id).await
            }

            async fn hold(
                tx: &mut $crate::platform::tenant::OrgTx,
                id: $id,
            ) -> Result<Option<Self>, sqlx::Error> {
                tx.query($crate::platform::noun::record::statements::hold!($row, $table as $alias))
                    .bind(id)
                    .optional()
                    .await
            }

            async fn choices(
                tx: &mut $crate::platform::tenant::OrgTx,
                chosen: Option<$id>,
            ) -> Result<Vec<$crate::platform::noun::record::Selectable<$id>>, sqlx::Error> {
                tx.query($crate::platform::noun::record::statements::choices!(
                    $table, $called by $key
                ))
                .bind(chosen)
                .all()
                .await
            }
        }
    };
}
pub(crate) use in_organization;
