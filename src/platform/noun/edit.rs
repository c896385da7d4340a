//! The page with the form of a row: a new one, or one that is changed. It shows what is wrong with
//! what was typed, and what somebody else has saved meanwhile, and loses nothing of it.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::life::{Living, Place};
use super::{Record, Refusal};
use crate::platform::error::{AppError, Result};
use crate::platform::tenant::OrgTx;
use crate::platform::tenant::current_org::Context;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Flash, Htmx, Section, Shell, page_with_status};

/// What is typed into the form of a row.
pub trait TypedForm<N: Record>: Fields + Default + Send + Sync {
    /// The form that shows a row.
    fn of(row: &N) -> Self;

    /// The version that the form was filled from; empty for a new row.
    fn version(&mut self) -> &mut String;

    /// What was typed, unless something is wrong with it.
    fn check(&self, errors: &mut FieldErrors) -> Option<N::Details>;
}

/// What the page of a form holds, whatever it is about; `platform/_edit.html` draws it.
pub struct Edit<E: EditPage> {
    /// What the navigation calls the section that it belongs to.
    pub section: &'static str,
    /// What people call such a row: `client`.
    pub noun: &'static str,
    /// Where the form goes.
    pub action: String,
    /// Where "cancel" leads.
    pub back: String,
    /// Whether there is no such row yet.
    pub is_new: bool,
    /// What the row is called.
    pub name: String,
    /// What was typed.
    pub form: E::Form,
    /// What is wrong with it.
    pub errors: FieldErrors,
    /// What somebody else has saved meanwhile.
    pub saved: Option<E::Row>,
}

/// A page with the form of a row.
pub trait EditPage: Template + Sized + Send {
    /// The row.
    type Row: Record;
    /// What is typed.
    type Form: TypedForm<Self::Row>;
    /// The section of the navigation.
    const SECTION: Section;

    /// The page, with the choices that it offers.
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
    fn of_new(org: &Context, form: E::Form) -> Self {
        let list = org.organization.path(E::SECTION.path);
        Self::at(list.clone(), list, None, form)
    }

    fn of_row(place: &impl Place<E::Row>, row: &E::Row, form: E::Form) -> Self {
        let page = place.path(row.id());
        Self::at(format!("{page}/edit"), page, Some(row.name()), form)
    }

    fn at(action: String, back: String, name: Option<&str>, form: E::Form) -> Self {
        Self {
            section: E::SECTION.label,
            noun: E::Row::KIND.word(),
            action,
            back,
            is_new: name.is_none(),
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
        self,
        org: &Context,
        mut tx: OrgTx,
        parent: Parent<E>,
        htmx: Htmx,
    ) -> Result<Response> {
        let status = form_status(self.saved.is_some(), &self.errors);
        let page = E::load(&mut tx, parent, org.shell(E::SECTION), self).await?;
        tx.commit().await?;
        match htmx.wants_fragment {
            true => page_with_status(status, &page.form()),
            false => page_with_status(status, &page),
        }
    }
}

/// The status of a page with a form: as it was opened, with what is wrong, or with what somebody else
/// has saved meanwhile.
pub fn form_status(is_conflict: bool, errors: &FieldErrors) -> StatusCode {
    match (is_conflict, errors.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, true) => StatusCode::OK,
    }
}

/// The page of a new row's form.
///
/// # Errors
/// Those of the page.
pub async fn new<E: EditPage>(org: &Context, parent: Parent<E>, htmx: Htmx) -> Result<Response> {
    let tx = org.read().await?;
    Edit::<E>::of_new(org, E::Form::default()).respond(org, tx, parent, htmx).await
}

/// Has `command` create what was typed, and leads to its page.
///
/// # Errors
/// Those of the command that no field can show.
pub async fn create<E: EditPage, C: Future<Output = Result<RowId<E>, Refusal<E::Row>>> + Send>(
    org: &Context,
    parent: Parent<E>,
    htmx: Htmx,
    form: E::Form,
    command: impl FnOnce(Details<E>) -> C + Send,
) -> Result<Response> {
    let mut errors = FieldErrors::default();
    let refusal = match form.check(&mut errors) {
        None => Refusal::Fields(errors),
        Some(details) => {
            let words = format!("{} added.", E::Row::called(&details));
            match command(details).await {
                Ok(id) => {
                    let path = format!("{}/{id}", E::SECTION.path);
                    return Ok(Flash::redirect(&org.organization.path(&path), words));
                }
                Err(refusal) => refusal,
            }
        }
    };
    let edit = Edit::<E>::of_new(org, form).refused(refusal)?;
    edit.respond(org, org.read().await?, parent, htmx).await
}

/// The page of the form that changes a row.
///
/// # Errors
/// [`AppError::NotFound`] where there is no such row, or it was deleted.
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

/// Has `command` save what was typed over a version of a row, and leads to its page.
///
/// # Errors
/// Those of the command that no field can show; [`AppError::NotFound`] as [`edit`] has it.
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
            let words = format!("{} saved.", E::Row::called(&details));
            // What is no number is no version that anybody has saved.
            let version = form.version().parse().unwrap_or_default();
            command(version, details).await.map(|()| words)
        }
    };
    let refusal = match saved {
        Ok(words) => return Ok(Flash::redirect(&place.path(id), words)),
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
