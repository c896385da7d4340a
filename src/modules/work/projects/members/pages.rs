//! The page with the members of a project, and its forms.

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use serde::Deserialize;

use super::commands;
use super::sql::{self, MemberRow};
use crate::core::access::project::Project;
use crate::core::access::{CurrentProject, Lead, Level, ProjectRole, Read};
use crate::modules::work::projects::SECTION;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::MembershipId;
use crate::platform::tenant::Organization;
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Flash, Form, Shell, page, page_again, param};

#[derive(Template)]
#[template(path = "work/projects/members.html")]
struct MembersPage {
    shell: Shell,
    organization: Organization,
    project: Project,
    members: Vec<MemberRow>,
    others: Vec<(String, String)>,
    form: MemberForm,
    errors: FieldErrors,
    can_lead: bool,
}

impl MembersPage {
    async fn load(current: &CurrentProject<impl Level>) -> Result<Self> {
        let can_lead = current.can(ProjectRole::Lead);
        let mut tx = current.read().await?;
        let members = sql::list(&mut tx, current.project.id).await?;
        let others = match can_lead {
            true => sql::others(&mut tx, current.project.id).await?,
            false => Vec::new(),
        };
        tx.commit().await?;
        Ok(Self {
            shell: current.shell(SECTION),
            organization: current.organization.clone(),
            project: current.project.clone(),
            members,
            others,
            form: MemberForm::default(),
            errors: FieldErrors::default(),
            can_lead,
        })
    }
}

/// `GET /orgs/{slug}/projects/{project}/members`
pub async fn index(current: CurrentProject<Read>, received: Received) -> Result<Response> {
    let mut view = MembersPage::load(&current).await?;
    view.shell = view.shell.with(received);
    page(&view)
}

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MemberForm {
    email: String,
    role: String,
}

impl Fields for MemberForm {}

/// `POST /orgs/{slug}/projects/{project}/members`
pub async fn add(current: CurrentProject<Lead>, Form(form): Form<MemberForm>) -> Result<Response> {
    let role = role(&form.role)?;
    let added = match EmailAddress::of_account(&form.email) {
        Ok(email) => commands::add(&current, &email, role).await,
        Err(_) => Err(commands::nobody()),
    };
    let errors = match added {
        Ok(member) => {
            let words = format!("{} added to the project as {}.", member.name, role.in_words());
            return Ok(Flash::redirect(&current.path("/members"), words));
        }
        Err(refusal) => refusal.fields()?,
    };
    let view = MembersPage { form, errors, ..MembersPage::load(&current).await? };
    page_again(&view)
}

fn role(typed: &str) -> Result<ProjectRole> {
    typed.parse().map_err(|words: String| AppError::Invalid(words.into()))
}

/// The `{id}` of a member in the path of a project.
#[derive(Clone, Copy, Debug)]
pub struct MemberInPath(MembershipId);

impl<S: Send + Sync> FromRequestParts<S> for MemberInPath {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        param(parts, state, "id").await?.parse().map(Self).map_err(|_| AppError::NotFound)
    }
}

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoleForm {
    role: String,
}

impl Fields for RoleForm {}

/// `POST /orgs/{slug}/projects/{project}/members/{id}/role`
pub async fn change(
    current: CurrentProject<Lead>,
    MemberInPath(id): MemberInPath,
    Form(form): Form<RoleForm>,
) -> Result<Response> {
    let role = role(&form.role)?;
    let member = commands::set_role(&current, id, role).await?;
    let words = format!("{} is now {}.", member.name, role.in_words());
    Ok(Flash::redirect(&current.path("/members"), words))
}

/// `POST /orgs/{slug}/projects/{project}/members/{id}/remove`
pub async fn remove(
    current: CurrentProject<Lead>,
    MemberInPath(id): MemberInPath,
) -> Result<Response> {
    let member = commands::remove(&current, id).await?;
    let path = match id == current.membership.id {
        // People who remove themselves from a restricted project can no longer see it.
        true => current.organization.path("/projects"),
        false => current.path("/members"),
    };
    Ok(Flash::redirect(&path, format!("{} removed from the project.", member.name)))
}
