//! The macros that declare the pages and routes of plain rows.

/// Declares the pages of a plain row:
/// `plain_pages!(Label: LabelForm in "work/labels/form.html", Labels in "work/labels/index.html")`.
/// The template of the form extends `platform/_edit.html`, that of the list `platform/_plain.html`:
/// its rows have the row that was declared in a field `record`.
///
/// A row that belongs to something inside its organization also says in which section of the
/// navigation its pages are, who may look at them, and who may change them:
/// `…, below SECTION, for CurrentProject<Read>, CurrentProject<Contribute>`.
macro_rules! plain_pages {
    ($row:ident: $form:ident in $form_template:tt, $list:ident in $list_template:tt) => {
        $crate::platform::noun::plain::plain_pages!(
            $row: $form in $form_template, $list in $list_template,
            below <$row as $crate::platform::noun::record::InOrganization>::SECTION,
            for $crate::platform::tenant::CurrentOrg<
                $crate::platform::tenant::permission::AnyMember
            >,
            $crate::platform::tenant::CurrentOrg<
                <$row as $crate::platform::noun::record::InOrganization>::Edit
            >
        );

        inventory::submit!($crate::platform::list::saved::Saved(
            <$row as $crate::platform::noun::record::InOrganization>::SECTION
        ));
    };
    (
        $row:ident: $form:ident in $form_template:tt, $list:ident in $list_template:tt,
        below $section:expr, for $viewpoint:ty, $editor:ty
    ) => {
        // The template of the list calls its methods.
        use $crate::platform::noun::life::Living as _;

        /// The page with the form.
        #[derive(askama::Template)]
        #[template(path = $form_template, blocks = ["form"])]
        pub struct FormPage {
            shell: $crate::platform::web::Shell,
            edit: $crate::platform::noun::edit::Edit<Self>,
        }

        impl $crate::platform::noun::edit::EditPage for FormPage {
            type Row = $row;
            type Form = $form;
            const SECTION: $crate::platform::web::Section = $section;

            async fn load(
                _: &mut $crate::platform::tenant::OrgTx,
                _: <$row as $crate::platform::noun::Record>::Parent,
                shell: $crate::platform::web::Shell,
                edit: $crate::platform::noun::edit::Edit<Self>,
            ) -> $crate::platform::error::Result<Self> {
                Ok(Self { shell, edit })
            }

            fn form(&self) -> impl askama::Template + '_ {
                self.as_form()
            }
        }

        /// The page of the list.
        #[derive(askama::Template)]
        #[template(path = $list_template, blocks = ["list"])]
        pub struct IndexPage {
            shell: $crate::platform::web::Shell,
            index: $crate::platform::list::Index<$list>,
        }

        impl IndexPage {
            /// The word for one of the rows.
            fn one(&self) -> &'static str {
                <$row as $crate::platform::noun::Record>::KIND.one()
            }

            /// The beginning of the ids of rows in the page.
            fn anchor(&self) -> &'static str {
                <$row as $crate::platform::noun::Record>::KIND.word()
            }
        }

        impl $crate::platform::noun::plain::IndexPage<$list> for IndexPage {
            fn new(
                shell: $crate::platform::web::Shell,
                index: $crate::platform::list::Index<$list>,
            ) -> Self {
                Self { shell, index }
            }

            fn list(&self) -> impl askama::Template + '_ {
                self.as_list()
            }
        }

        impl $crate::platform::noun::plain::Plain for $row {
            type Viewpoint = $viewpoint;
            type Editor = $editor;
            type Form = $form;
            type List = $list;
            type FormPage = FormPage;
            type IndexPage = IndexPage;
            const SECTION: $crate::platform::web::Section = $section;
        }
    };
}
pub(crate) use plain_pages;

/// The routes of a plain row, with who may look at its rows, and who may change them:
/// `plain_routes!("/labels", Label, can(AnyMember, EditLabels))`, or
/// `plain_routes!("/projects/{project}/milestones", Milestone, in_project(Read, Contribute))`. What
/// follows are the most characters in a form, `taking 4480`, and the handler of its own page,
/// `shown by page`.
macro_rules! plain_routes {
    (
        $path:literal, $row:ty, $guarded:ident($look:ident, $edit:ident)
        $(, taking $length:expr)? $(, shown by $show:expr)?
    ) => {{
        use $crate::platform::noun::plain;
        use $crate::platform::web::route::Route;

        macro_rules! at {
            ($rest:literal) => {
                concat!("/orgs/{slug}", $path, $rest)
            };
        }
        let show = plain::declare::plain_show!($row $(, $show)?);
        vec![
            Route::get(at!(""), $guarded($look, plain::index::<$row>)),
            Route::get(at!("/new"), $guarded($edit, plain::new::<$row>)),
            Route::post(at!(""), $guarded($edit, plain::create::<$row>))
                .once()
                $(.taking_text($length))?,
            Route::get(at!("/{id}"), $guarded($look, show)),
            Route::get(at!("/{id}/edit"), $guarded($edit, plain::edit::<$row>)),
            Route::post(at!("/{id}/edit"), $guarded($edit, plain::update::<$row>))
                .once()
                $(.taking_text($length))?,
            Route::post(at!("/{id}/archive"), $guarded($edit, plain::archive::<$row>)),
            Route::post(at!("/{id}/unarchive"), $guarded($edit, plain::unarchive::<$row>)),
            Route::post(at!("/{id}/delete"), $guarded($edit, plain::delete::<$row>)),
            Route::post(at!("/{id}/restore"), $guarded($edit, plain::restore::<$row>)),
        ]
    }};
}
pub(crate) use plain_routes;

/// The handler of a row's page.
macro_rules! plain_show {
    ($row:ty) => {
        plain::show::<$row>
    };
    ($row:ty, $show:expr) => {
        $show
    };
}
pub(crate) use plain_show;
