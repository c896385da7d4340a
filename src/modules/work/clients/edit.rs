//! A new client, and changing one: on pages of their own, and by htmx inside the list.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::SECTION;
use super::model::{self, Client, ClientForm, Details};
use super::noun::{CLIENT_CHANGED, CLIENT_CREATED, EditClients};
use super::sql;
use crate::core::access::noun::ClientId;
use crate::modules::work::clients::noun::CLIENT_NAME;
use crate::platform::error::{AppError, Result};
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::{CurrentOrg, Organization};
use crate::platform::web::{FieldErrors, Flash, Form, Htmx, Id, Shell, page_with_status};

#[derive(Template)]
#[template(path = "work/clients/form.html", blocks = ["form"])]
struct FormPage {
    shell: Shell,
    organization: Organization,
    /// The client that is changed; none for a new one.
    id: Option<ClientId>,
    form: ClientForm,
    errors: FieldErrors,
    /// What somebody else has saved meanwhile.
    saved: Option<Details>,
}

impl FormPage {
    fn new(org: &Context, id: Option<ClientId>, form: ClientForm) -> Self {
        Self {
            shell: org.shell(SECTION),
            organization: org.organization.clone(),
            id,
            form,
            errors: FieldErrors::default(),
            saved: None,
        }
    }

    /// Where the form goes.
    fn action(&self) -> String {
        match self.id {
            Some(id) => self.organization.path(&format!("/clients/{id}/edit")),
            None => self.organization.path("/clients"),
        }
    }

    /// Where "cancel" leads.
    fn back(&self) -> String {
        match self.id {
            Some(id) => self.organization.path(&format!("/clients/{id}")),
            None => self.organization.path("/clients"),
        }
    }

    fn respond(&self, htmx: Htmx) -> Result<Response> {
        let status = match (self.saved.is_some(), self.errors.is_empty()) {
            (true, _) => StatusCode::CONFLICT,
            (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
            (false, true) => StatusCode::OK,
        };
        if htmx.wants_fragment {
            page_with_status(status, &self.as_form())
        } else {
            page_with_status(status, self)
        }
    }
}

/// `GET /orgs/{slug}/clients/new`
pub async fn new(org: CurrentOrg<EditClients>, htmx: Htmx) -> Result<Response> {
    FormPage::new(&org, None, ClientForm::default()).respond(htmx)
}

/// `POST /orgs/{slug}/clients`
pub async fn create(
    org: CurrentOrg<EditClients>,
    htmx: Htmx,
    Form(form): Form<ClientForm>,
) -> Result<Response> {
    let mut view = FormPage::new(&org, None, form);
    let Some(details) = view.form.check(&mut view.errors) else {
        return view.respond(htmx);
    };
    match insert(&org, &details).await {
        Ok(id) => {
            let path = org.organization.path(&format!("/clients/{id}"));
            Ok(Flash::redirect(&path, format!("{} is a client now.", details.name)))
        }
        Err(error) if error.breaks(CLIENT_NAME) => {
            view.errors.add("name", "Another client has this name.");
            view.respond(htmx)
        }
        Err(error) => Err(error),
    }
}

async fn insert(org: &CurrentOrg<EditClients>, details: &Details) -> Result<ClientId> {
    let (mut tx, _) = org.write().await?;
    let id = sql::insert(&mut tx, details, org.now).await?;
    let nothing = serde_json::json!({});
    let after = serde_json::to_value(details).unwrap_or_default();
    tx.record(model::entry(CLIENT_CREATED, id, &details.name).change(&nothing, &after));
    tx.leads_to(&org.organization.path(&format!("/clients/{id}"))).await?;
    tx.commit().await?;
    Ok(id)
}

/// `GET /orgs/{slug}/clients/{id}/edit`
pub async fn edit(
    org: CurrentOrg<EditClients>,
    htmx: Htmx,
    Id(id): Id<ClientId>,
) -> Result<Response> {
    let client = find(&org, id).await?;
    FormPage::new(&org, Some(id), ClientForm::of(&client)).respond(htmx)
}

async fn find(org: &Context, id: ClientId) -> Result<Client> {
    let mut tx = org.read().await?;
    let client = sql::find(&mut tx, id).await?.filter(|client| client.deleted_at.is_none());
    tx.commit().await?;
    client.ok_or(AppError::NotFound)
}

/// `POST /orgs/{slug}/clients/{id}/edit`: of two people who change the same client, the second is
/// told, and keeps what was typed.
pub async fn update(
    org: CurrentOrg<EditClients>,
    htmx: Htmx,
    Id(id): Id<ClientId>,
    Form(form): Form<ClientForm>,
) -> Result<Response> {
    let mut view = FormPage::new(&org, Some(id), form);
    let Some(details) = view.form.check(&mut view.errors) else {
        find(&org, id).await?;
        return view.respond(htmx);
    };
    match save(&org, id, &view.form.version, &details).await {
        Ok(None) => {
            let path = org.organization.path(&format!("/clients/{id}"));
            Ok(Flash::redirect(&path, format!("{} is saved.", details.name)))
        }
        Ok(Some(saved)) => {
            view.form.version = saved.version.to_string();
            view.saved = Some(saved.details);
            view.respond(htmx)
        }
        Err(error) if error.breaks(CLIENT_NAME) => {
            view.errors.add("name", "Another client has this name.");
            view.respond(htmx)
        }
        Err(error) => Err(error),
    }
}

/// Saves what was typed, or gives what somebody else has saved since the form was opened.
async fn save(
    org: &CurrentOrg<EditClients>,
    id: ClientId,
    version: &str,
    details: &Details,
) -> Result<Option<Client>> {
    let (mut tx, _) = org.write().await?;
    let before = sql::find(&mut tx, id).await?.filter(|client| client.deleted_at.is_none());
    let before = before.ok_or(AppError::NotFound)?;
    let version = version.parse().unwrap_or_default();
    if !sql::update(&mut tx, id, version, details, org.now).await? {
        return Ok(sql::find(&mut tx, id).await?);
    }
    let entry = model::entry(CLIENT_CHANGED, id, &details.name);
    tx.record(entry.change(&before.details, details));
    tx.leads_to(&org.organization.path(&format!("/clients/{id}"))).await?;
    tx.commit().await?;
    Ok(None)
}
