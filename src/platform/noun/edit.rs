//! The page with the form for a new or existing row. It shows the errors in the input, and what
//! somebody else has saved meanwhile, and keeps the input.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::life::Living;
use super::place::{Home, Place};
use super::{Record, Refusal};
use crate::platform::error::{AppError, Result};
use crate::platform::tenant::OrgTx;
use crate::platform::tenant::current_org::Context;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Flash, Htmx, Section, Shell, page_with_status};

/// The fields of a row's form, as typed.
pub trait TypedForm<N: Record>: Fields + Default + Send + Sync {
    /// The form filled with a row's details.
    fn of(row: &N) -> Self;

    /// The version that the form was filled from; empty for a new row.
    fn version(&mut self) -> &mut String;

    /// Parses the input, or adds what is wrong with it to `errors`.
    fn check(&self, errors: &mut FieldErrors) -> Option<N::Details>;
}

/// The content of a form page for any kind of row, rendered by `platform/_edit.html`.
pub struct Edit<E: EditPage> {
    /// The title of the list of such rows: `Clients`.
    pub list: &'static str,
    /// The word for such a row: `client`.
    pub noun: &'static str,
    /// The path that the form posts to.
    pub action: String,
    /// The target of "Cancel".
    pub back: String,
    /// Whether the form creates a row.
    pub is_new: bool,
    /// Whether htmx puts the form above the list, where its title is another heading of the page.
    /// When it is sent from there, the answer replaces the form alone.
    pub opens_in_list: bool,
    /// The row's name.
    pub name: String,
    /// The input.
    pub form: E::Form,
    /// The errors in the input.
    pub errors: FieldErrors,
    /// The row, if somebody else has saved it meanwhile.
    pub saved: Option<E::Row>,
}

/// A page with the form of a row.
pub trait EditPage: Template + Sized + Send {
    /// The type of the row.
    type Row: Record;
    /// The type of the form.
    type Form: TypedForm<Self::Row>;
    /// The section of the navigation.
    const SECTION: Section;

    /// Loads the page, with the choices that it offers.
    fn load(
        tx: &mut OrgTx,
        parent: <Self::Row as Record>::Parent,
        shell: Shell,
        edit: Edit<Self>,
    ) -> impl Future<Output = Result<Self>> + Send;

    /// The form alone, for htmx.
    fn form(&self) -> impl Template + '_;
}

type Parent<E> = <<E as EditPage>::Row as Record>::Parent;
type Details<E> = <<E as EditPage>::Row as Record>::Details;
type RowId<E> = <<E as EditPage>::Row as Living>::Id;

impl<E: EditPage> Edit<E> {
    fn of_new(home: &impl Home<E::Row>, form: E::Form) -> Self {
        Self::at(home.rows(), home.rows(), None, form)
    }

    fn of_row(place: &impl Place<E::Row>, row: &E::Row, form: E::Form) -> Self {
        let page = place.path(row.id());
        Self::at(format!("{page}/edit"), page, Some(row.name()), form)
    }

    fn at(action: String, back: String, name: Option<&str>, form: E::Form) -> Self {
        Self {
            list: E::Row::KIND.label().unwrap_or(E::SECTION.label),
            noun: E::Row::KIND.one(),
            action,
            back,
            is_new: name.is_none(),
            opens_in_list: false,
            name: name.unwrap_or_default().to_owned(),
            form,
            errors: FieldErrors::default(),
            saved: None,
        }
    }

    fn refused(mut self, refusal: Refusal<E::Row>) -> Result<Self> {
        match refusal {
            Refusal::Fields(errors) => self.errors = errors,
            Refusal::Meanwhile(saved) => {
                *self.form.version() = saved.version().to_string();
                self.saved = Some(*saved);
            }
            Refusal::Other(error) => return Err(error),
        }
        Ok(self)
    }

    /// The answer: the whole page, or the form for htmx.
    async fn respond(
        mut self,
        org: &Context,
        mut tx: OrgTx,
        parent: Parent<E>,
        htmx: Htmx,
    ) -> Result<Response> {
        let status = form_status(self.saved.is_some(), &self.errors);
        self.opens_in_list = htmx.wants_fragment && status == StatusCode::OK;
        let page = E::load(&mut tx, parent, org.shell(E::SECTION), self).await?;
        tx.commit().await?;
        match htmx.wants_fragment {
            true => page_with_status(status, &page.form()),
            false => page_with_status(status, &page),
        }
    }
}

/// The status of a form page: 200 when it is opened, 422 with errors, 409 when somebody else has
/// saved the row meanwhile.
pub fn form_status(is_conflict: bool, errors: &FieldErrors) -> StatusCode {
    match (is_conflict, errors.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, true) => StatusCode::OK,
    }
}

/// The page with the form for a new row.
///
/// # Errors
/// Those of loading the page.
pub async fn new<E: EditPage>(home: &impl Home<E::Row>, htmx: Htmx) -> Result<Response> {
    let tx = home.read().await?;
    let edit = Edit::<E>::of_new(home, E::Form::default());
    edit.respond(home, tx, home.parent(), htmx).await
}

/// The message that a row was created or saved: `Project created.`
fn done<E: EditPage>(what: &str) -> String {
    let mut letters = E::Row::KIND.one().chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    format!("{} {what}.", first.chain(letters).collect::<String>())
}

/// Has `command` create the row, and redirects to its page.
///
/// # Errors
/// Those of the command that no field can show.
pub async fn create<E: EditPage, C: Future<Output = Result<RowId<E>, Refusal<E::Row>>> + Send>(
    home: &impl Home<E::Row>,
    htmx: Htmx,
    form: E::Form,
    command: impl FnOnce(Details<E>) -> C + Send,
) -> Result<Response> {
    let mut errors = FieldErrors::default();
    let refusal = match form.check(&mut errors) {
        None => Refusal::Fields(errors),
        Some(details) => match command(details).await {
            Ok(id) => {
                let words = done::<E>("created");
                return Ok(Flash::redirect(&format!("{}/{id}", home.rows()), words));
            }
            Err(refusal) => refusal,
        },
    };
    let edit = Edit::<E>::of_new(home, form).refused(refusal)?;
    edit.respond(home, home.read().await?, home.parent(), htmx).await
}

/// The page with the form for an existing row.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such row, or it was deleted.
pub async fn edit<E: EditPage>(
    place: &impl Place<E::Row>,
    htmx: Htmx,
    id: RowId<E>,
) -> Result<Response> {
    let mut tx = place.read().await?;
    let row = live(place, &mut tx, id).await?;
    let form = E::Form::of(&row);
    Edit::<E>::of_row(place, &row, form).respond(place, tx, row.parent(), htmx).await
}

/// Has `command` save the changes to a row, and redirects to its page.
///
/// # Errors
/// Those of the command that no field can show, and [`AppError::NotFound`] as for [`edit`].
pub async fn update<E: EditPage, C: Future<Output = Result<(), Refusal<E::Row>>> + Send>(
    place: &impl Place<E::Row>,
    htmx: Htmx,
    id: RowId<E>,
    mut form: E::Form,
    command: impl FnOnce(i64, Details<E>) -> C + Send,
) -> Result<Response> {
    let mut errors = FieldErrors::default();
    let saved = match form.check(&mut errors) {
        None => Err(Refusal::Fields(errors)),
        Some(details) => {
            // Text that is not a number becomes a version that no row has.
            let version = form.version().parse().unwrap_or_default();
            command(version, details).await
        }
    };
    let refusal = match saved {
        Ok(()) => return Ok(Flash::redirect(&place.path(id), done::<E>("saved"))),
        Err(Refusal::Other(error)) => return Err(error),
        Err(refusal) => refusal,
    };
    let mut tx = place.read().await?;
    let row = live(place, &mut tx, id).await?;
    let edit = Edit::<E>::of_row(place, &row, form).refused(refusal)?;
    edit.respond(place, tx, row.parent(), htmx).await
}

async fn live<N: Record>(place: &impl Place<N>, tx: &mut OrgTx, id: N::Id) -> Result<N> {
    let row = place.find(tx, id).await?.filter(|row| !row.is_deleted());
    row.ok_or(AppError::NotFound)
}
