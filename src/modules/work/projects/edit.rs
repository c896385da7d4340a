//! A new project, and changing one: on pages of their own, and by htmx inside the list.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::SECTION;
use super::form::{CODE_LENGTH, NO_CLIENT, ProjectForm};
use super::{members, sql};
use crate::core::access::ProjectRole;
use crate::core::access::noun::{CreateProjects, PROJECT_CODE};
use crate::core::access::project::{self, Details, Project, Status};
use crate::core::access::release_others;
use crate::core::access::{CurrentProject, Lead};
use crate::modules::work::clients;
use crate::modules::work::projects::noun::{PROJECT_CHANGED, PROJECT_CREATED};
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{MembershipId, ProjectId};
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::{CurrentOrg, OrgTx, Organization};
use crate::platform::web::{FieldErrors, Flash, Form, Htmx, Shell, page_with_status};

#[derive(Template)]
#[template(path = "work/projects/form.html", blocks = ["form"])]
struct FormPage {
    shell: Shell,
    organization: Organization,
    /// The project that is changed; none for a new one.
    id: Option<ProjectId>,
    form: ProjectForm,
    errors: FieldErrors,
    clients: Vec<clients::Choice>,
    /// What somebody else has saved meanwhile.
    saved: Option<Project>,
}

impl FormPage {
    async fn load(
        tx: &mut OrgTx,
        org: &Context,
        id: Option<ProjectId>,
        form: ProjectForm,
    ) -> Result<Self> {
        Ok(Self {
            shell: org.shell(SECTION),
            organization: org.organization.clone(),
            id,
            clients: clients::choices(tx, form.client.parse().ok()).await?,
            form,
            errors: FieldErrors::default(),
            saved: None,
        })
    }

    /// Where the form goes.
    fn action(&self) -> String {
        match self.id {
            Some(id) => self.organization.path(&format!("/projects/{id}/edit")),
            None => self.organization.path("/projects"),
        }
    }

    /// Where "cancel" leads.
    fn back(&self) -> String {
        match self.id {
            Some(id) => self.organization.path(&format!("/projects/{id}")),
            None => self.organization.path("/projects"),
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

/// `GET /orgs/{slug}/projects/new`
pub async fn new(org: CurrentOrg<CreateProjects>, htmx: Htmx) -> Result<Response> {
    let mut tx = org.read().await?;
    let view = FormPage::load(&mut tx, &org, None, ProjectForm::default()).await?;
    tx.commit().await?;
    view.respond(htmx)
}

/// `POST /orgs/{slug}/projects`: whoever starts a project leads it.
pub async fn create(
    org: CurrentOrg<CreateProjects>,
    htmx: Htmx,
    Form(form): Form<ProjectForm>,
) -> Result<Response> {
    let mut errors = FieldErrors::default();
    let is_restricted = form.is_restricted();
    if let Some(details) = form.check(&mut errors) {
        match insert_anyhow(&org, &details, is_restricted, &mut errors).await {
            Ok(Some((id, details))) => {
                let path = org.organization.path(&format!("/projects/{id}"));
                return Ok(Flash::redirect(&path, format!("{} is started.", details.name)));
            }
            Ok(None) => {}
            Err(error) if error.breaks(PROJECT_CODE) => {
                errors.add("code", "Another project has this code.");
            }
            Err(error) => return Err(error),
        }
    }
    let mut tx = org.read().await?;
    let mut view = FormPage::load(&mut tx, &org, None, form).await?;
    tx.commit().await?;
    view.errors = errors;
    view.respond(htmx)
}

/// How often a code is made anew that another project has got a moment earlier.
const TRIES: usize = 5;

/// Creates the project; a code that nobody typed stands in nobody's way.
async fn insert_anyhow(
    org: &CurrentOrg<CreateProjects>,
    details: &Details,
    is_restricted: bool,
    errors: &mut FieldErrors,
) -> Result<Option<(ProjectId, Details)>> {
    for _ in 1..TRIES {
        match insert(org, details.clone(), is_restricted, errors).await {
            Err(error) if error.breaks(PROJECT_CODE) && details.code.is_empty() => {}
            inserted => return inserted,
        }
    }
    insert(org, details.clone(), is_restricted, errors).await
}

/// Creates the project, unless its client is none.
async fn insert(
    org: &CurrentOrg<CreateProjects>,
    mut details: Details,
    is_restricted: bool,
    errors: &mut FieldErrors,
) -> Result<Option<(ProjectId, Details)>> {
    let (mut tx, actor) = org.write().await?;
    if !has_client(&mut tx, &details).await? {
        errors.add("client", NO_CLIENT);
        return Ok(None);
    }
    let is_derived = details.code.is_empty();
    if is_derived {
        details.code = free_code(&mut tx, &details.name).await?;
    }
    let id = sql::insert(&mut tx, &details, is_restricted, org.now).await?;
    sql::note_code(&mut tx, id, is_derived).await?;
    // An operator belongs to no project.
    if actor.membership_id != MembershipId::NONE {
        members::insert(&mut tx, id, actor.membership_id, ProjectRole::Lead, org.now).await?;
    }
    let after = serde_json::to_value(&details).unwrap_or_default();
    tx.record(project::entry(PROJECT_CREATED, id, &details).after(after));
    tx.leads_to(&org.organization.path(&format!("/projects/{id}"))).await?;
    tx.commit().await?;
    Ok(Some((id, details)))
}

async fn has_client(tx: &mut OrgTx, details: &Details) -> Result<bool> {
    match details.client_id {
        Some(id) => Ok(clients::exists(tx, id).await?),
        None => Ok(true),
    }
}

/// A code for `name` that no other project has: the beginning of its first word, and a number.
pub(super) async fn free_code(tx: &mut OrgTx, name: &str) -> Result<String> {
    let base = code_base(name);
    let taken = sql::codes(tx, &base).await?;
    (1..)
        .map(|number: u32| format!("{base}-{number}"))
        .take_while(|code| code.len() <= CODE_LENGTH)
        .find(|code| !taken.contains(code))
        .ok_or_else(|| AppError::Conflict("No code is free. Choose one yourself.".into()))
}

/// What a code begins with that is made from `name`.
fn code_base(name: &str) -> String {
    let letters: String =
        slug::slugify(name).to_uppercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let base: String = letters.chars().take(4).collect();
    if base.is_empty() { "PROJ".to_owned() } else { base }
}

/// Whether `code` looks as if it was made from `name`.
pub(super) fn looks_derived(code: &str, name: &str) -> bool {
    code.strip_prefix(&code_base(name))
        .and_then(|rest| rest.strip_prefix('-'))
        .is_some_and(|number| number.parse::<u32>().is_ok())
}

/// `GET /orgs/{slug}/projects/{project}/edit`
pub async fn edit(current: CurrentProject<Lead>, htmx: Htmx) -> Result<Response> {
    let form = ProjectForm::of(&current.project);
    let mut tx = current.read().await?;
    let view = FormPage::load(&mut tx, &current, Some(current.project.id), form).await?;
    tx.commit().await?;
    view.respond(htmx)
}

/// `POST /orgs/{slug}/projects/{project}/edit`: of two people who change the same project, the
/// second is told, and keeps what was typed.
pub async fn update(
    current: CurrentProject<Lead>,
    htmx: Htmx,
    Form(mut form): Form<ProjectForm>,
) -> Result<Response> {
    let mut errors = FieldErrors::default();
    let mut saved = None;
    if let Some(details) = form.check(&mut errors) {
        match save(&current, &form, details, &mut errors).await {
            Ok(Saved::Yes(name)) => {
                return Ok(Flash::redirect(&current.path(""), format!("{name} is saved.")));
            }
            Ok(Saved::Wrong) => {}
            Ok(Saved::Meanwhile(project)) => {
                form.version = project.version.to_string();
                saved = Some(*project);
            }
            Err(error) if error.breaks(PROJECT_CODE) => {
                errors.add("code", "Another project has this code.");
            }
            Err(error) => return Err(error),
        }
    }
    let mut tx = current.read().await?;
    let mut view = FormPage::load(&mut tx, &current, Some(current.project.id), form).await?;
    tx.commit().await?;
    view.errors = errors;
    view.saved = saved;
    view.respond(htmx)
}

/// What became of saving a project.
enum Saved {
    /// It is saved under this name.
    Yes(String),
    /// Something is wrong with the form.
    Wrong,
    /// Somebody else has saved this since the form was opened.
    Meanwhile(Box<Project>),
}

async fn save(
    current: &CurrentProject<Lead>,
    form: &ProjectForm,
    mut details: Details,
    errors: &mut FieldErrors,
) -> Result<Saved> {
    let (mut tx, _, before) = current.write().await?;
    if form.version != before.version.to_string() {
        return Ok(Saved::Meanwhile(Box::new(before)));
    }
    if details.client_id != before.details.client_id && !has_client(&mut tx, &details).await? {
        errors.add("client", NO_CLIENT);
        return Ok(Saved::Wrong);
    }
    if details.code.is_empty() {
        details.code.clone_from(&before.details.code);
    }
    let is_restricted = form.is_restricted();
    sql::update(&mut tx, before.id, &details, is_restricted, current.now).await?;
    if details.code != before.details.code {
        sql::note_code(&mut tx, before.id, false).await?;
    }
    release_others(&mut tx, before.id).await?;
    let entry = project::entry(PROJECT_CHANGED, before.id, &details);
    tx.record(entry.change(
        &State { details: &before.details, restricted: before.is_restricted },
        &State { details: &details, restricted: is_restricted },
    ));
    tx.leads_to(&current.path("")).await?;
    tx.commit().await?;
    Ok(Saved::Yes(details.name))
}

/// What the audit log compares.
#[derive(serde::Serialize)]
struct State<'a> {
    #[serde(flatten)]
    details: &'a Details,
    restricted: bool,
}
