//! Plain rows: each belongs to an organization and to nothing else inside it, one permission lets
//! people change it, and its list and its form need nothing beside them.

use std::str::FromStr;

use askama::Template;
use axum::response::Response;

use super::command;
use super::edit::{self, EditPage, TypedForm};
use super::life::{self, Living, Step};
use super::record::InOrganization;
use crate::platform::db::statement::TenantSql;
use crate::platform::error::{AppError, Result};
use crate::platform::list::{Index, List, Request, ScopeOf, State, query_string};
use crate::platform::tenant::CurrentOrg;
use crate::platform::tenant::permission::{AnyMember, Proof};
use crate::platform::web::flash::Received;
use crate::platform::web::{Form, Htmx, Id, Shell, see_other};

/// A row with the usual pages, declared with [`plain_pages!`].
pub trait Plain: InOrganization<Id: FromStr> {
    /// Its form.
    type Form: TypedForm<Self>;
    /// Its list.
    type List: List<Sql = TenantSql, Scope: ScopeOf>;
    /// The page with the form.
    type FormPage: EditPage<Row = Self, Form = Self::Form>;
    /// The page with the list.
    type IndexPage: IndexPage<Self::List>;
}

/// The page of a list.
pub trait IndexPage<L: List>: Template + Send {
    /// The page with this content.
    fn new(shell: Shell, index: Index<L>) -> Self;

    /// The list alone, for htmx.
    fn list(&self) -> impl Template + '_;
}

type Org<N> = CurrentOrg<<N as InOrganization>::Edit>;
type RowId<N> = <N as Living>::Id;

/// `GET …`: the page of the list.
pub async fn index<N: Plain>(
    org: CurrentOrg<AnyMember>,
    htmx: Htmx,
    received: Received,
    request: Request<N::List>,
) -> Result<Response> {
    let can_add = N::Edit::NEEDS.is_none_or(|needed| org.membership.role.can(needed));
    let mut tx = org.read().await?;
    let scope = ScopeOf::of(&org);
    let index = Index::load(&mut tx, &org, N::SECTION, request, &scope, can_add).await?;
    tx.commit().await?;
    let page = N::IndexPage::new(org.shell(N::SECTION).with(received), index);
    htmx.render(&page, page.list())
}

/// `GET …/{id}` of a row that has no page of its own: redirects to the list, searched for its name.
pub async fn show<N: Plain>(org: CurrentOrg<AnyMember>, Id(id): Id<RowId<N>>) -> Result<Response> {
    let mut tx = org.read().await?;
    let row = N::find(&mut tx, id).await?.ok_or(AppError::NotFound)?;
    tx.commit().await?;
    Ok(show_in(&org.organization.path(N::SECTION.path), &row))
}

/// Redirects to `list`, the path of a list, searched for the name of one of its rows.
pub fn show_in(list: &str, row: &impl Living) -> Response {
    let state = if row.is_deleted() { State::Deleted } else { State::All };
    let query = query_string([("q", row.name()), ("state", state.word())]);
    see_other(&format!("{list}{query}"))
}

/// `GET …/new`
pub async fn new<N: Plain>(org: Org<N>, htmx: Htmx) -> Result<Response> {
    edit::new::<N::FormPage>(&org, (), htmx).await
}

/// `POST …`
pub async fn create<N: Plain>(
    org: Org<N>,
    htmx: Htmx,
    Form(form): Form<N::Form>,
) -> Result<Response> {
    let command = |details| command::create(&org, details);
    edit::create::<N::FormPage, _>(&org, (), htmx, form, command).await
}

/// `GET …/{id}/edit`
pub async fn edit<N: Plain>(org: Org<N>, htmx: Htmx, Id(id): Id<RowId<N>>) -> Result<Response> {
    edit::edit::<N::FormPage>(&org, htmx, id).await
}

/// `POST …/{id}/edit`: if two people change the same row, the second is told about it, and keeps
/// what they typed.
pub async fn update<N: Plain>(
    org: Org<N>,
    htmx: Htmx,
    Id(id): Id<RowId<N>>,
    Form(form): Form<N::Form>,
) -> Result<Response> {
    let command = |version, details| command::update(&org, id, version, details);
    edit::update::<N::FormPage, _>(&org, htmx, id, form, command).await
}

/// `POST …/{id}/archive`
pub async fn archive<N: Plain>(org: Org<N>, Id(id): Id<RowId<N>>) -> Result<Response> {
    life::answer::<N>(&org, id, Step::Archive).await
}

/// `POST …/{id}/unarchive`
pub async fn unarchive<N: Plain>(org: Org<N>, Id(id): Id<RowId<N>>) -> Result<Response> {
    life::answer::<N>(&org, id, Step::Unarchive).await
}

/// `POST …/{id}/delete`
pub async fn delete<N: Plain>(org: Org<N>, Id(id): Id<RowId<N>>) -> Result<Response> {
    life::answer::<N>(&org, id, Step::Delete).await
}

/// `POST …/{id}/restore`
pub async fn restore<N: Plain>(org: Org<N>, Id(id): Id<RowId<N>>) -> Result<Response> {
    life::answer::<N>(&org, id, Step::Restore).await
}

/// Declares the pages of a plain row:
/// `plain_pages!(Label: LabelForm in "work/labels/form.html", Labels in "work/labels/index.html")`.
/// The template of the form extends `platform/_edit.html`, that of the list `platform/_plain.html`:
/// its rows have the row that was declared in a field `record`.
macro_rules! plain_pages {
    ($row:ident: $form:ident in $form_template:tt, $list:ident in $list_template:tt) => {
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

        inventory::submit!($crate::platform::list::saved::Saved(
            <$row as $crate::platform::noun::record::InOrganization>::SECTION
        ));

        impl $crate::platform::noun::plain::Plain for $row {
            type Form = $form;
            type List = $list;
            type FormPage = FormPage;
            type IndexPage = IndexPage;
        }
    };
}
pub(crate) use plain_pages;

/// The routes of a plain row, whose list and page everyone in the organization can open:
/// `plain_routes!("/labels", Label, EditLabels)`. What follows are the most characters in a form,
/// `taking 4480`, and the handler of its own page, `shown by page`.
macro_rules! plain_routes {
    ($path:literal, $row:ty, $edit:ident $(, taking $length:expr)? $(, shown by $show:expr)?) => {{
        use $crate::platform::noun::plain;
        use $crate::platform::tenant::permission::AnyMember;
        use $crate::platform::web::route::{Route, can};

        macro_rules! at {
            ($rest:literal) => {
                concat!("/orgs/{slug}", $path, $rest)
            };
        }
        let show = plain::plain_show!($row $(, $show)?);
        vec![
            Route::get(at!(""), can(AnyMember, plain::index::<$row>)),
            Route::get(at!("/new"), can($edit, plain::new::<$row>)),
            Route::post(at!(""), can($edit, plain::create::<$row>)).once()$(.taking_text($length))?,
            Route::get(at!("/{id}"), can(AnyMember, show)),
            Route::get(at!("/{id}/edit"), can($edit, plain::edit::<$row>)),
            Route::post(at!("/{id}/edit"), can($edit, plain::update::<$row>))
                .once()
                $(.taking_text($length))?,
            Route::post(at!("/{id}/archive"), can($edit, plain::archive::<$row>)),
            Route::post(at!("/{id}/unarchive"), can($edit, plain::unarchive::<$row>)),
            Route::post(at!("/{id}/delete"), can($edit, plain::delete::<$row>)),
            Route::post(at!("/{id}/restore"), can($edit, plain::restore::<$row>)),
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
