//! The name and slug of an organization, and its other settings.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::model::{organization_name, parse_slug};
use super::{commands, sql};
use crate::core::organizations::noun::ManageOrganization;
use crate::platform::error::Result;
use crate::platform::module::Section;
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, Organization};
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Flash, Form, Shell, page, page_again};

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SettingsForm {
    name: String,
    slug: String,
}

impl Fields for SettingsForm {}

impl SettingsForm {
    /// The name and slug for an organization whose slug is `current`.
    fn check(&self, current: &str) -> Result<(String, String), FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.take("name", organization_name(&self.name));
        // The current slug is always accepted, whatever the rules for new ones.
        let slug = match self.slug == current {
            true => Some(self.slug.clone()),
            false => errors.take("slug", parse_slug(&self.slug)),
        };
        name.zip(slug).ok_or(errors)
    }
}

#[derive(Template)]
#[template(path = "core/organizations/settings.html")]
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

    /// The page with the saved values, for errors in its other forms.
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
    let errors = match form.check(&org.organization.slug) {
        Err(errors) => errors,
        Ok((name, slug)) => match commands::update(&org, &name, &slug).await {
            Ok(()) => {
                let path = format!("/orgs/{slug}/settings");
                return Ok(Flash::redirect(&path, "Settings saved."));
            }
            Err(refusal) => refusal.fields()?,
        },
    };
    let view = SettingsPage::load(&org, form, errors).await?;
    page_again(&view)
}

/// The fields of the form.
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
    let required = !form.requires_factor.is_empty();
    if let Err(refusal) = commands::set_requires_factor(&org, required).await {
        let view = SettingsPage::with_saved(&org, refusal.fields()?).await?;
        return page_again(&view);
    }
    let words = match required {
        true => "Two-factor authentication is now required.",
        false => "Two-factor authentication is no longer required.",
    };
    Ok(Flash::redirect(&org.organization.path("/settings"), words))
}
