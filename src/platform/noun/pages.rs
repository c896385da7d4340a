//! The pages of a plain row of an organization, which need nothing beyond its form.

/// The form page and handlers for a row of the organization:
/// `edit_pages!(FormPage, Label, LabelForm)`. The template extends `platform/_edit.html`.
macro_rules! edit_pages {
    ($page:ident, $row:ty, $form:ty) => {
        impl $crate::platform::noun::edit::EditPage for $page {
            type Row = $row;
            type Form = $form;
            const SECTION: $crate::platform::web::Section =
                <$row as $crate::platform::noun::record::InOrganization>::SECTION;

            async fn load(
                _: &mut $crate::platform::tenant::OrgTx,
                (): (),
                shell: $crate::platform::web::Shell,
                edit: $crate::platform::noun::edit::Edit<Self>,
            ) -> $crate::platform::error::Result<Self> {
                Ok(Self { shell, edit })
            }

            fn form(&self) -> impl askama::Template + '_ {
                self.as_form()
            }
        }
        $crate::platform::noun::pages::edit_handlers!($page, $row, $form);
    };
}
pub(crate) use edit_pages;

/// The form handlers for a row of the organization.
macro_rules! edit_handlers {
    ($page:ty, $row:ty, $form:ty) => {
        type Org = $crate::platform::tenant::CurrentOrg<
            <$row as $crate::platform::noun::record::InOrganization>::Edit,
        >;
        type RowId = <$row as $crate::platform::noun::life::Living>::Id;
        use $crate::platform::noun::{command, edit};

        /// `GET …/new`
        pub async fn new(
            org: Org,
            htmx: $crate::platform::web::Htmx,
        ) -> $crate::platform::error::Result<axum::response::Response> {
            edit::new::<$page>(&org, (), htmx).await
        }

        /// `POST …`
        pub async fn create(
            org: Org,
            htmx: $crate::platform::web::Htmx,
            $crate::platform::web::Form(form): $crate::platform::web::Form<$form>,
        ) -> $crate::platform::error::Result<axum::response::Response> {
            let command = |details| command::create::<$row>(&org, details);
            edit::create::<$page, _>(&org, (), htmx, form, command).await
        }

        /// `GET …/{id}/edit`
        pub async fn edit(
            org: Org,
            htmx: $crate::platform::web::Htmx,
            $crate::platform::web::Id(id): $crate::platform::web::Id<RowId>,
        ) -> $crate::platform::error::Result<axum::response::Response> {
            edit::edit::<$page>(&org, htmx, id).await
        }

        /// `POST …/{id}/edit`: if two people change the same row, the second is told about it, and
        /// keeps what they typed.
        pub async fn update(
            org: Org,
            htmx: $crate::platform::web::Htmx,
            $crate::platform::web::Id(id): $crate::platform::web::Id<RowId>,
            $crate::platform::web::Form(form): $crate::platform::web::Form<$form>,
        ) -> $crate::platform::error::Result<axum::response::Response> {
            let command = |version, details| command::update::<$row>(&org, id, version, details);
            edit::update::<$page, _>(&org, htmx, id, form, command).await
        }
    };
}
pub(crate) use edit_handlers;
