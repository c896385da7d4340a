//! Name and address of an organization, and leaving it.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::list::taken_words;
use super::model::{organization_name, parse_slug, slug_is_taken};
use super::sql;
use crate::core::orgs::noun::{ManageOrganization, ORGANIZATION_CHANGED};
use crate::platform::audit::Entry;
use crate::platform::error::Result;
use crate::platform::module::Section;
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, Organization};
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Flash, Form, Shell, page, page_with_status};

/// What is typed into the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SettingsForm {
    name: String,
    slug: String,
}

impl Fields for SettingsForm {}

#[derive(Template)]
#[template(path = "core/orgs/settings.html")]
struct SettingsPage {
    shell: Shell,
    organization: Organization,
    can_manage: bool,
    requires_factor: bool,
    form: SettingsForm,
    errors: FieldErrors,
}

impl SettingsPage {
    async fn load(org: &Context, form: SettingsForm, errors: FieldErrors) -> Result<Self> {
        let mut tx = org.read().await?;
        let requires_factor = sql::requires_factor(&mut tx).await?;
        tx.commit().await?;
        Ok(Self {
            shell: org.shell(Section::SETTINGS),
            organization: org.organization.clone(),
            can_manage: org.membership.role.can(ManageOrganization::PERMISSION),
            requires_factor,
            form,
            errors,
        })
    }

    /// With the names that are saved: for the other forms of the page.
    async fn with_saved(org: &Context, errors: FieldErrors) -> Result<Self> {
        let Organization { name, slug, .. } = org.organization.clone();
        Self::load(org, SettingsForm { name, slug }, errors).await
    }
}

/// `GET /orgs/{slug}/settings`
pub async fn show(org: CurrentOrg<AnyMember>, received: Received) -> Result<Response> {
    let mut view = SettingsPage::with_saved(&org, FieldErrors::default()).await?;
    view.shell = view.shell.with(received);
    page(&view)
}

/// `POST /orgs/{slug}/settings`
pub async fn update(
    org: CurrentOrg<ManageOrganization>,
    Form(form): Form<SettingsForm>,
) -> Result<Response> {
    let mut errors = FieldErrors::default();
    let name = errors.take("name", organization_name(&form.name));
    // The address that it has stays, whatever is taken for a new one.
    let slug = match form.slug == org.organization.slug {
        true => Some(form.slug.clone()),
        false => errors.take("slug", parse_slug(&form.slug)),
    };
    if let (Some(name), Some(slug)) = (name, slug) {
        match save(&org, &name, &slug).await {
            Ok(()) => {
                let path = format!("/orgs/{slug}/settings");
                return Ok(Flash::redirect(&path, "The settings have been saved."));
            }
            Err(error) if slug_is_taken(&error) => {
                errors.add("slug", taken_words(&org.app, &slug).await?);
            }
            Err(error) => return Err(error),
        }
    }
    let view = SettingsPage::load(&org, form, errors).await?;
    page_with_status(StatusCode::UNPROCESSABLE_ENTITY, &view)
}

async fn save(org: &CurrentOrg<ManageOrganization>, name: &str, slug: &str) -> Result<()> {
    let (mut tx, _) = org.write_locked().await?;
    sql::claim_slug(&mut tx, slug, org.now).await?;
    sql::update(&mut tx, name, slug).await?;
    let Organization { id, name: old_name, slug: old_slug } = &org.organization;
    tx.record(Entry::new(ORGANIZATION_CHANGED, super::object(*id, name)).change(
        &json!({ "name": old_name, "slug": old_slug }),
        &json!({ "name": name, "slug": slug }),
    ));
    tx.commit().await?;
    Ok(())
}

/// What is chosen in the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecurityForm {
    requires_factor: String,
}

impl Fields for SecurityForm {}

/// `POST /orgs/{slug}/settings/security`
pub async fn update_security(
    org: CurrentOrg<ManageOrganization>,
    Form(form): Form<SecurityForm>,
) -> Result<Response> {
    let path = org.organization.path("/settings");
    org.user.require_proof(org.now, &path)?;
    let required = !form.requires_factor.is_empty();
    if required && !org.user.has_factor {
        let mut errors = FieldErrors::default();
        let words = "You would lock yourself out: add a second factor to your own account first.";
        errors.add("requires_factor", words);
        let view = SettingsPage::with_saved(&org, errors).await?;
        return page_with_status(StatusCode::UNPROCESSABLE_ENTITY, &view);
    }
    let (mut tx, _) = org.write_locked().await?;
    let before = sql::requires_factor(&mut tx).await?;
    if before != required {
        sql::set_requires_factor(&mut tx, required).await?;
        let Organization { id, name, .. } = &org.organization;
        let entry = Entry::new(ORGANIZATION_CHANGED, super::object(*id, name));
        tx.record(
            entry
                .before(json!({ "requires_factor": before }))
                .after(json!({ "requires_factor": required })),
        );
    }
    tx.commit().await?;
    let words = match required {
        true => "From now on, only people with a second factor can open these pages.",
        false => "A second factor is no longer required.",
    };
    Ok(Flash::redirect(&path, words))
}
