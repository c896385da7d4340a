//! The handlers of plain rows.

use axum::response::Response;

use super::{IndexPage, Plain};
use crate::platform::error::{AppError, Result};
use crate::platform::list::{Index, List, Request, ScopeOf, State, query_string};
use crate::platform::noun::life::{self, Living, Step};
use crate::platform::noun::place::Viewpoint;
use crate::platform::noun::{command, edit};
use crate::platform::web::flash::Received;
use crate::platform::web::{Form, Htmx, Id, see_other};

type RowId<N> = <N as Living>::Id;

/// `GET …`: the page of the list.
pub async fn index<N: Plain>(
    view: N::Viewpoint,
    htmx: Htmx,
    received: Received,
    request: Request<N::List>,
) -> Result<Response> {
    let scope = ScopeOf::of(&view);
    let mut tx = view.read().await?;
    let index = match view.above() {
        None => Index::load(&mut tx, &view, N::SECTION, request, &scope, view.can_edit()).await?,
        Some(above) => {
            let list = request.load(&mut tx, &scope).await?;
            Index::below(above, &view, N::SECTION, heading::<N>(), list, view.can_edit())
        }
    };
    tx.commit().await?;
    let page = N::IndexPage::new(view.shell(N::SECTION).with(received), index);
    htmx.render(&page, page.list())
}

/// The title of the list.
fn heading<N: Plain>() -> &'static str {
    N::KIND.label().unwrap_or(N::SECTION.label)
}

/// `GET …/{id}` of a row that has no page of its own: redirects to the list, and if the row is not
/// on the list's first page, to a search for its name.
pub async fn show<N: Plain>(view: N::Viewpoint, Id(id): Id<RowId<N>>) -> Result<Response> {
    let mut tx = view.read().await?;
    let row = view.find(&mut tx, id).await?.ok_or(AppError::NotFound)?;
    let first = Request::<N::List>::of(Default::default());
    let first = first.load(&mut tx, &ScopeOf::of(&view)).await?;
    tx.commit().await?;
    let id = id.to_string();
    Ok(match first.rows.iter().any(|row| N::List::id(row).to_string() == id) {
        true => see_other(&format!("{}#{}-{id}", view.rows(), N::KIND)),
        false => show_in(&view.rows(), &row),
    })
}

/// Redirects to `list`, the path of a list, searched for the name of one of its rows.
pub fn show_in(list: &str, row: &impl Living) -> Response {
    let state = if row.is_deleted() { State::Deleted } else { State::All };
    let query = query_string([("q", row.name()), ("state", state.word())]);
    see_other(&format!("{list}{query}"))
}

/// `GET …/new`
pub async fn new<N: Plain>(editor: N::Editor, htmx: Htmx) -> Result<Response> {
    edit::new::<N::FormPage>(&editor, htmx).await
}

/// `POST …`
pub async fn create<N: Plain>(
    editor: N::Editor,
    htmx: Htmx,
    Form(form): Form<N::Form>,
) -> Result<Response> {
    let command = |details| command::create(&editor, details);
    edit::create::<N::FormPage, _>(&editor, htmx, form, command).await
}

/// `GET …/{id}/edit`
pub async fn edit<N: Plain>(
    editor: N::Editor,
    htmx: Htmx,
    Id(id): Id<RowId<N>>,
) -> Result<Response> {
    edit::edit::<N::FormPage>(&editor, htmx, id).await
}

/// `POST …/{id}/edit`: if two people change the same row, the second is told about it, and keeps
/// what they typed.
pub async fn update<N: Plain>(
    editor: N::Editor,
    htmx: Htmx,
    Id(id): Id<RowId<N>>,
    Form(form): Form<N::Form>,
) -> Result<Response> {
    let command = |version, details| command::update(&editor, id, version, details);
    edit::update::<N::FormPage, _>(&editor, htmx, id, form, command).await
}

/// `POST …/{id}/archive`
pub async fn archive<N: Plain>(editor: N::Editor, Id(id): Id<RowId<N>>) -> Result<Response> {
    life::answer::<N>(&editor, id, Step::Archive).await
}

/// `POST …/{id}/unarchive`
pub async fn unarchive<N: Plain>(editor: N::Editor, Id(id): Id<RowId<N>>) -> Result<Response> {
    life::answer::<N>(&editor, id, Step::Unarchive).await
}

/// `POST …/{id}/delete`
pub async fn delete<N: Plain>(editor: N::Editor, Id(id): Id<RowId<N>>) -> Result<Response> {
    life::answer::<N>(&editor, id, Step::Delete).await
}

/// `POST …/{id}/restore`
pub async fn restore<N: Plain>(editor: N::Editor, Id(id): Id<RowId<N>>) -> Result<Response> {
    life::answer::<N>(&editor, id, Step::Restore).await
}
